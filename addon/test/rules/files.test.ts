import { describe, expect, it } from 'vitest';
import { checkFileName, checkSource, isReadable, MAX_SOURCE_LINES } from './file-rules.ts';
import { listFiles, readText } from './repository.ts';

const files = listFiles();

describe('every file of the repository', () => {
  it('has a name the Supervisor does not trip over', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((path) => checkFileName(path))).toEqual([]);
  });

  it('is short and knows no path of a machine', () => {
    expect(files.filter(isReadable).flatMap((path) => checkSource(path, readText(path)))).toEqual([]);
  });
});

describe('checkFileName', () => {
  it.each([
    '.github/workflows/build.yaml',
    'card/build.json',
    'addon/test/config.json',
    'shared/config.yml',
    'config.json',
    'build.yml',
    'docs/repository.yaml',
  ])('refuses %s', (path) => {
    expect(checkFileName(path)).toHaveLength(1);
  });

  it.each(['config.yaml', 'build.yaml', 'repository.yaml', 'card/src/config.ts', 'tsconfig.json', 'addon/build.mjs'])(
    'lets %s pass',
    (path) => {
      expect(checkFileName(path)).toEqual([]);
    },
  );
});

describe('checkSource', () => {
  it('refuses a file that is too long', () => {
    expect(checkSource('addon/src/long.ts', '\n'.repeat(MAX_SOURCE_LINES + 1))).toHaveLength(1);
    expect(checkSource('addon/src/fits.ts', '\n'.repeat(MAX_SOURCE_LINES))).toEqual([]);
    expect(checkSource('README.md', '\n'.repeat(MAX_SOURCE_LINES + 1))).toEqual([]);
  });

  it.each(['work', 'tmp', 'home', 'Users'])('refuses an absolute path below %s', (folder) => {
    expect(checkSource('addon/src/a.ts', `const file = '/${folder}/thing';`)).toHaveLength(1);
    expect(checkSource('README.md', `see "/${folder}/thing"`)).toHaveLength(1);
    expect(checkSource('addon/src/a.ts', `import a from '../${folder}/thing.ts'; // x/${folder}/y`)).toEqual([]);
  });
});
