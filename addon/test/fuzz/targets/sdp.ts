/** Offers: the reading of them all, and for some the whole way to an answer, with a real peer and its socket. */
import { OfferError } from '../../../src/media/ports.ts';
import { prepareOffer } from '../../../src/webrtc/offer.ts';
import { WeriftPeerFactory } from '../../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { realOffers } from '../offers.ts';
import { defineTarget, must } from '../target.ts';

/** Longer ones are refused before: MAX_OFFER_CHARS. */
const MAX_CHARS = 64 * 1024;

export const sdp = defineTarget<string>({
  name: 'sdp',
  share: 120,
  async open() {
    const { bent } = await realOffers();
    return {
      inputs: bent,
      count: () => 1,
      run(offer) {
        for (const direction of ['sends', 'receives'] as const) {
          try {
            const prepared = prepareOffer(offer.slice(0, MAX_CHARS), direction, 4);
            must(
              prepared.sections.some(({ accepted }) => accepted),
              'nothing is accepted',
            );
          } catch (error) {
            judge(error);
          }
        }
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  },
});

/** So many peers at once would be a flood. */
export const peers = defineTarget<string>({
  name: 'peers',
  share: 4,
  async open() {
    const { bent, sends } = await realOffers();
    const factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
    const events = { packet: () => undefined, closed: () => undefined };
    const answerTo = async (offer: string, direction: 'sends' | 'receives'): Promise<string> => {
      const peer =
        direction === 'sends'
          ? await factory.createSenderPeer(offer, events)
          : await factory.createReceiverPeer(offer, events);
      await peer.close();
      return peer.answer;
    };
    return {
      inputs: bent,
      count: () => 1,
      async run(offer) {
        for (const direction of ['sends', 'receives'] as const) {
          try {
            const answer = await answerTo(offer.slice(0, MAX_CHARS), direction);
            must(answer.startsWith('v=0') && answer.includes('typ host'), 'an answer that is none');
          } catch (error) {
            judge(error);
          }
        }
      },
      sizes: () => {
        const { senders, receivers } = factory.counts();
        return { senders, receivers };
      },
      async witness() {
        must((await answerTo(sends, 'sends')).includes('typ host'), 'the witness gets no answer');
      },
      close: () => factory.close(),
    };
  },
});

function judge(error: unknown): void {
  if (!(error instanceof OfferError)) throw error;
  must(error.message.length < 500, `a message of ${error.message.length} characters`);
}
