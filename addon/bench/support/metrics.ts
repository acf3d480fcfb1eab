/** What the server's process has used so far, by its own /metrics: worker threads count too. */
export interface Usage {
  cpuSeconds: number;
  atMs: number;
}

export async function readUsage(port: number): Promise<Usage> {
  return {
    cpuSeconds: await read(port, 'voice_streaming_cpu_seconds_total'),
    atMs: performance.now(),
  };
}

export function readResident(port: number): Promise<number> {
  return read(port, 'voice_streaming_resident_memory_bytes');
}

/** The longest that its loop was late since this was asked last, by this or by `readUsage`. */
export async function readStoodStillMs(port: number): Promise<number> {
  return (await read(port, 'voice_streaming_event_loop_delay_seconds{quantile="1"}')) * 1000;
}

async function read(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!response.ok) throw new Error(`/metrics said ${response.status}`);
  return valueOf(await response.text(), name);
}

function valueOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  const value = line?.slice(name.length + 1);
  if (value === undefined) throw new Error(`/metrics does not say ${name}`);
  return Number(value);
}
