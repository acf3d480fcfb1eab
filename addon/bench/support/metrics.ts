/** What the server's process has used so far, by its own /metrics: worker threads count too. */
export interface Usage {
  cpuSeconds: number;
  atMs: number;
}

export async function readUsage(port: number): Promise<Usage> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!response.ok) throw new Error(`/metrics said ${response.status}`);
  const text = await response.text();
  return {
    cpuSeconds: valueOf(text, 'voice_streaming_cpu_seconds_total'),
    atMs: performance.now(),
  };
}

function valueOf(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics does not say ${name}`);
  return Number(value);
}
