import type { Check } from '@voice-streaming/shared/protocol';
import { beforeEach, expect, it } from 'vitest';
import { CertificateNotice } from '../../../src/homeassistant/certificate-notice.ts';
import { FakeCore } from '../../fakes/fake-core.ts';

const ENDING = 'The certificate fullchain.pem ends on 2030-01-01, in 13 days: see that it is renewed.';

let core: FakeCore;
let check: Check | undefined;
let notice: CertificateNotice;

beforeEach(() => {
  core = new FakeCore();
  check = { check: 'certificate', state: 'ok' };
  notice = new CertificateNotice({ core, check: () => check });
});

function calls(): unknown[] {
  return core.requests.map(({ service, service_data }) => [service, service_data]);
}

it('shows what is wrong once, in new words when they change, and takes it back', async () => {
  check = { check: 'certificate', state: 'warning', why: ENDING };
  await notice.refresh();
  await notice.refresh();
  expect(calls()).toEqual([
    [
      'create',
      {
        notification_id: 'voice_streaming_certificate',
        title: 'Voice Streaming: the certificate of its page',
        message: `${ENDING} Dashboards are not concerned: they come through Home Assistant.`,
      },
    ],
  ]);
  check = { check: 'certificate', state: 'failed', why: 'It ended.' };
  await notice.refresh();
  check = { check: 'certificate', state: 'ok' };
  await notice.refresh();
  await notice.refresh();
  expect(core.requests.map(({ service }) => service)).toEqual(['create', 'create', 'dismiss']);
});

it('is quiet without a certificate, while Core is away, and shows it again to a Core that came back', async () => {
  check = undefined;
  await notice.refresh();
  check = { check: 'certificate', state: 'failed', why: 'It ended.' };
  core.connected = false;
  await notice.refresh();
  expect(core.requests).toEqual([]);
  core.connected = true;
  await notice.refresh();
  notice.coreReturned();
  await notice.refresh();
  expect(core.requests.map(({ service }) => service)).toEqual(['create', 'create']);
});

it('tries again when Core refuses', async () => {
  core.answers['call_service'] = new Error('busy');
  check = { check: 'certificate', state: 'failed', why: 'It ended.' };
  await notice.refresh();
  core.answers['call_service'] = {};
  await notice.refresh();
  await notice.refresh();
  expect(core.requests).toHaveLength(2);
});
