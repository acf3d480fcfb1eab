export type BundlePart = 'main' | 'worker' | 'card';
/** Bundles the named parts, by default all; rejects with esbuild's messages already printed. */
export function bundle(names?: BundlePart[]): Promise<void>;
