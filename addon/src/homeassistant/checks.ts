/** Our facts as the doctor's checks: what is as it should be, what is not, and why. */
import type { Check } from '@voice-streaming/shared/protocol';
import type { DoctorFacts } from './doctor.ts';

const STATES = {
  answering: 'ok',
  connected: 'ok',
  listening: 'ok',
  copied: 'ok',
  served: 'ok',
  registered: 'ok',
  waiting: 'waiting',
  unknown: 'waiting',
  off: 'off',
  restart_needed: 'warning',
  // Dashboards load the card if somebody wrote it there; we cannot see that.
  yaml: 'warning',
  failed: 'failed',
} as const satisfies Record<string, Check['state']>;

export function houseChecks(facts: DoctorFacts): Check[] {
  const { supervisor, core, ingress, files, served, resource, mqtt } = facts;
  return Object.entries({ supervisor, core, ingress, files, served, resource, mqtt }).map(([check, fact]) =>
    checkOf(check, fact),
  );
}

/** Outside the add-on; undefined: no broker is set. */
export function mqttCheck(fact: DoctorFacts['mqtt'] = { state: 'off' }): Check {
  return checkOf('mqtt', fact);
}

function checkOf(check: string, { state, why }: { state: keyof typeof STATES; why?: string | undefined }): Check {
  // Being told why is being told that something failed, and is tried again.
  const shown = state === 'waiting' && why !== undefined ? 'failed' : STATES[state];
  return { check, state: shown, ...(why !== undefined && { why }) };
}
