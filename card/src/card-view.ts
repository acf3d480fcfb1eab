/** What the card says in each state: a pure function of the session, so that states are told apart in one place. */
import type { ListenTarget, StreamInfo } from '@voice-streaming/shared/protocol';
import type { Mode } from './config.ts';
import type { SenderState } from './sender.ts';
import { say, sayHeardBy, sayTrouble } from './texts.ts';
import type { Trouble } from './trouble.ts';

export type ViewState = 'idle' | 'opening' | 'onAir' | 'closing' | 'receiving' | 'needsTap' | 'trouble';

export interface CardView {
  state: ViewState;
  headline: string;
  hint: string;
}

export interface CardFacts {
  mode: Mode;
  connecting: boolean;
  /** In the way of everything. */
  sessionTrouble: Trouble | null;
  /** In the way of talking only. */
  talkTrouble: Trouble | null;
  talk: SenderState;
  latched: boolean;
  /** Clients that hear this device's talk, by WebRTC or by URL. */
  heardBy: number;
  listen: ListenTarget;
  needsTap: boolean;
  /** Those who can be heard now. */
  talkers: readonly StreamInfo[];
  /** The stream that was chosen, where it is one. */
  chosenName: string | null;
}

/** In order of worth: one's own talk, what is wrong with everything, what is heard, what is wrong with talking. */
export function viewOf(facts: CardFacts): CardView {
  const { mode, talk } = facts;
  if (mode !== 'receiver' && talk !== 'idle') return talkView(facts);
  if (facts.sessionTrouble) return troubleView(facts.sessionTrouble);
  const names = facts.listen === null ? '' : facts.talkers.map(({ name }) => name).join(', ');
  if (mode !== 'sender' && facts.needsTap) {
    const hint = names === '' ? say('listen.tap.hint') : say('listen.tap.now', { names });
    return { state: 'needsTap', headline: say('listen.tap'), hint };
  }
  if (mode !== 'sender' && names !== '') {
    return { state: 'receiving', headline: names, hint: say('listen.speaking') };
  }
  if (mode !== 'receiver' && facts.talkTrouble) return troubleView(facts.talkTrouble);
  if (facts.connecting) return { state: 'idle', headline: say('talk.connecting'), hint: '' };
  if (mode !== 'receiver') return { state: 'idle', headline: say('talk.hold'), hint: say('talk.hold.hint') };
  if (facts.listen === null) return { state: 'idle', headline: say('listen.muted'), hint: say('listen.muted.hint') };
  if (facts.chosenName !== null) return { state: 'idle', headline: facts.chosenName, hint: say('listen.quiet.one') };
  return { state: 'idle', headline: say('listen.quiet'), hint: say('listen.quiet.latest') };
}

function talkView(facts: CardFacts): CardView {
  switch (facts.talk) {
    case 'onAir': {
      const heardBy = sayHeardBy(facts.heardBy);
      const hint = facts.latched ? `${heardBy} · ${say('talk.latched.hint')}` : heardBy;
      return { state: 'onAir', headline: say('talk.onAir'), hint };
    }
    case 'closing':
      return { state: 'closing', headline: say('talk.closing'), hint: '' };
    default:
      return { state: 'opening', headline: say('talk.opening'), hint: say('talk.opening.hint') };
  }
}

function troubleView(trouble: Trouble): CardView {
  const { what, next } = sayTrouble(trouble);
  return { state: 'trouble', headline: what, hint: next };
}
