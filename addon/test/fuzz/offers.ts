/** Offers of real programs, as they are and bent. */
import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import * as foreign from '../support/foreign-offers.ts';
import { openClient } from '../support/werift-client.ts';
import { bentLines } from './arbitraries.ts';

export interface Offers {
  sends: string;
  receives: string;
  /** Bent ones of all kinds. */
  bent: Arbitrary<string>;
}

const FOREIGN = Object.values(foreign).filter((each): each is string => typeof each === 'string');

export async function realOffers(): Promise<Offers> {
  const [sender, receiver] = [openClient('sendonly'), openClient('recvonly', { sections: 3 })];
  const [sends, receives] = [await sender.offer(), await receiver.offer()];
  await Promise.all([sender.close(), receiver.close()]);
  return { sends, receives, bent: bentLines(fc.constantFrom(sends, receives, ...FOREIGN)) };
}
