import { expect, it } from 'vitest';
import { Announcement } from '../src/announcement.ts';

type View = Parameters<Announcement['of']>[0];

const view = (state: View['state'], headline: string, hint = '', more: Partial<View> = {}): View => ({
  state,
  headline,
  hint,
  urgent: false,
  trouble: null,
  stops: false,
  ...more,
});

const idle = view('idle', 'Hold to talk', 'or tap once');

function told(...views: View[]): string[] {
  const announcement = new Announcement();
  return views.map((one) => announcement.of(one));
}

it('says nothing of what is there from the start', () => {
  expect(told(idle, idle)).toEqual(['', '']);
  expect(told(view('receiving', 'Anna', 'is speaking'))).toEqual(['']);
});

it('says on air and off air once, whatever counts meanwhile', () => {
  const onAir = (hint: string): View => view('onAir', 'ON AIR', hint);
  const views = [idle, view('opening', 'Wait…'), onAir('Heard by 1'), onAir('Heard by 2'), view('closing', 'Ending…')];
  const after = view('idle', 'Hold to talk', 'Nobody else is here yet.');
  expect(told(...views, idle, after)).toEqual(['', '', 'ON AIR', 'ON AIR', '', 'Off air', 'Off air']);
});

it('says who speaks when that changes, and stops when it is quiet', () => {
  const speaks = (headline: string, hint: string): View => view('receiving', headline, hint);
  expect(told(idle, speaks('Anna', 'is speaking'), speaks('Anna and Hall', 'are speaking'), idle)).toEqual([
    '',
    'Anna is speaking',
    'Anna and Hall are speaking',
    '',
  ]);
});

it('says what is wrong with what to do, and that it is over', () => {
  const away = view('trouble', 'Server does not answer', 'Trying again.', { trouble: 'serverAway' });
  const full = { ...away, headline: 'Server is full', trouble: 'serverFull' } as const;
  expect(told(idle, away, away, full, idle)).toEqual([
    '',
    'Server does not answer. Trying again.',
    'Server does not answer. Trying again.',
    'Server is full. Trying again.',
    'Hold to talk',
  ]);
});

it('warns of feedback, and no longer than it lasts', () => {
  const onAir = view('onAir', 'ON AIR', 'Heard by 1');
  const howling = { ...onAir, hint: 'Feedback: turn it down.', urgent: true };
  expect(told(idle, onAir, howling, onAir)).toEqual(['', 'ON AIR', 'Feedback: turn it down.', 'ON AIR']);
});
