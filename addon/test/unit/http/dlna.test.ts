import { describe, expect, it } from 'vitest';
import { answerDlna } from '../../../src/http/dlna.ts';

const FEATURES = 'DLNA.ORG_OP=00;DLNA.ORG_CI=0;DLNA.ORG_FLAGS=0D500000000000000000000000000000';

describe('answerDlna', () => {
  it('says nothing to who asks for nothing', () => {
    expect(answerDlna({ 'user-agent': 'VLC/3.0.21' }, 'mp3')).toEqual({ refusal: undefined, headers: {} });
  });

  it.each([
    ['mp3', `DLNA.ORG_PN=MP3;${FEATURES}`],
    ['mp3-320', `DLNA.ORG_PN=MP3;${FEATURES}`],
    ['wav', FEATURES],
  ] as const)('tells the features of %s', (format, features) => {
    const asked = { 'getcontentfeatures.dlna.org': '1' };
    expect(answerDlna(asked, format)).toEqual({
      refusal: undefined,
      headers: { 'contentFeatures.dlna.org': features },
    });
  });

  it.each([
    ['Streaming', 'Streaming'],
    ['streaming', 'Streaming'],
    ['Background', 'Background'],
  ])('transfers by %s', (mode, given) => {
    const answer = answerDlna({ 'transfermode.dlna.org': mode }, 'mp3');
    expect(answer).toEqual({ refusal: undefined, headers: { 'transferMode.dlna.org': given } });
  });

  it.each([
    [400, { 'getcontentfeatures.dlna.org': '0' }],
    [400, { 'getcontentfeatures.dlna.org': '' }],
    [406, { 'transfermode.dlna.org': 'Interactive' }],
    [406, { 'transfermode.dlna.org': 'constructor' }],
    [406, { 'timeseekrange.dlna.org': 'npt=12.5-' }],
    [406, { 'timeseekrange.dlna.org': 'bytes=0-' }],
  ])('refuses with %i: %j', (status, headers) => {
    const answer = answerDlna({ ...headers, 'user-agent': 'UPnP/1.0 DLNADOC/1.50' }, 'mp3');
    expect(answer).toMatchObject({ refusal: { status }, headers: {} });
  });

  it.each(['npt=0-', 'npt=0.0-', 'npt=0.000-30', 'npt=00:00:00.000-'])('plays from the start: %s', (range) => {
    expect(answerDlna({ 'timeseekrange.dlna.org': range }, 'mp3').refusal).toBeUndefined();
  });

  it('lets televisions of Samsung ask for sound as for a picture', () => {
    const headers = { 'transfermode.dlna.org': 'Interactive', 'user-agent': 'DLNADOC/1.50 SEC_HHP_[TV]UE40D7000/1.0' };
    expect(answerDlna(headers, 'mp3').headers).toEqual({ 'transferMode.dlna.org': 'Streaming' });
  });
});
