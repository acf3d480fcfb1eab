/** One version for all workspaces, and every dependency pinned. */

export interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

export function checkManifest(path: string, manifest: Manifest, rootVersion: string): string[] {
  const problems: string[] = [];
  if (manifest.version !== rootVersion) {
    problems.push(`${path}: version ${manifest.version ?? '(none)'}, the root's is ${rootVersion}`);
  }
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  for (const group of [dependencies, devDependencies, optionalDependencies, peerDependencies]) {
    for (const [name, range] of Object.entries(group ?? {})) {
      if (!EXACT.test(range)) problems.push(`${path}: ${name} is not pinned exactly: ${range}`);
      else if (name.startsWith('@voice-streaming/') && range !== rootVersion) {
        problems.push(`${path}: ${name} ${range}, the root's version is ${rootVersion}`);
      }
    }
  }
  return problems;
}
