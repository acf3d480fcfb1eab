/** Every bound of announcements, with its default. */

export interface TargetLimits {
  /** From being told to play until the player asks for the sound; a platform's row may say otherwise. */
  fetchMs: number;
  /** Without taking any sound. */
  stallMs: number;
  /** It closed the connection early and may come again. */
  refetchMs: number;
  /** The most a player may be behind when the sound has ended; a platform's row may say otherwise. */
  lagMs: number;
  /** How often a player that Core polls is asked whether it has ended. */
  pollMs: number;
  /** For volume and snapshots before: a speaker that does not answer speaks all the same. */
  prepareMs: number;
  /** Until a player that is switched on is there. */
  wakeMs: number;
  /** Core restarts in the middle. */
  awayMs: number;
  /** Until Core's going away is known. */
  settleMs: number;
  /** Being told to play, with Core going away in between. */
  maxTells: number;
  /** For an answer to the last service call before all is put back. */
  lastWordMs: number;
  /** To put things back, with Core or the speaker away in between. */
  restoreMs: number;
  /** Until Core shows what was put back. */
  confirmMs: number;
}

export interface AnnouncerLimits extends TargetLimits {
  /** Under way at once. */
  maxAnnouncements: number;
  /** Of those, asked for by one device, so that it keeps nobody from speaking. */
  maxOfDevice: number;
  /** Speakers of one announcement, groups taken apart. */
  maxTargets: number;
  /** For the next talk to begin. */
  talkWaitMs: number;
  /** How long what is over can be asked about. */
  keepMs: number;
  /** Of those. */
  maxKept: number;
  /** Plays remembered as over, so that a player which resumes one is told so. */
  maxPast: number;
  /** For speakers to be put back when the server closes. */
  closeMs: number;
}

export const DEFAULT_LIMITS: AnnouncerLimits = {
  fetchMs: 15_000,
  stallMs: 10_000,
  refetchMs: 4_000,
  lagMs: 5_000,
  pollMs: 500,
  prepareMs: 1_500,
  wakeMs: 8_000,
  awayMs: 60_000,
  settleMs: 2_000,
  maxTells: 3,
  lastWordMs: 5_000,
  restoreMs: 60_000,
  confirmMs: 2_000,
  maxAnnouncements: 16,
  maxOfDevice: 8,
  maxTargets: 32,
  talkWaitMs: 15_000,
  keepMs: 60_000,
  maxKept: 100,
  maxPast: 1_000,
  closeMs: 2_000,
};
