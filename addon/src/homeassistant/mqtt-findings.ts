/** What is found on the broker: text that anybody may have written, and that an earlier run of ours did write. */

/** Whether it is a discovery message of ours: its id is the one that belongs to its topic. */
export function isOwnDiscovery(topic: string, config: string, idPrefix: string): boolean {
  const [, , , object = ''] = topic.split('/');
  return memberOf(config, 'unique_id') === `${idPrefix}_${object}`;
}

export function nameIn(config: string): string | undefined {
  const name = memberOf(config, 'name');
  return typeof name === 'string' ? name.replace(/ talking$/, '').slice(0, 64) : undefined;
}

/** What is yet to come has not been said by us. */
export function lastTalkIn(attributes: string): string | undefined {
  const lastTalk = memberOf(attributes, 'last_talk');
  return typeof lastTalk === 'string' && Date.parse(lastTalk) <= Date.now() ? lastTalk : undefined;
}

function memberOf(json: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
