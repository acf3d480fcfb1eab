/** What GitHub runs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readText, ROOT } from './repository.ts';

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<
    string,
    { permissions?: Record<string, string>; uses?: string; steps?: { run?: string; uses?: string }[] }
  >;
}

const files = readdirSync(join(ROOT, '.github/workflows'));
const read = (file: string): Workflow => parseYaml(readText(`.github/workflows/${file}`)) as Workflow;

describe('workflows', () => {
  it('are these, and none has a name that the Supervisor reads', () => {
    expect(files.sort()).toEqual(['publish.yaml', 'release.yaml', 'test.yaml']);
    expect(files.filter((file) => /^(?:config|build|repository)\./.test(file))).toEqual([]);
  });

  it.each(files)('%s may only read unless a job says otherwise, and names versions', (file) => {
    const workflow = read(file);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const used = Object.values(workflow.jobs).flatMap((job) => [
      job.uses,
      ...(job.steps ?? []).map(({ uses }) => uses),
    ]);
    const unpinned = used.filter((uses) => uses !== undefined && !/^\.\/|@(?:v\d|\d{4}\.)/.test(uses));
    expect(unpinned).toEqual([]);
  });

  it('test by the script that every machine runs', () => {
    const runs = Object.values(read('test.yaml').jobs).flatMap((job) => (job.steps ?? []).map(({ run }) => run));
    expect(runs).toContain('.ci/run');
    expect(readText('.ci/run')).toContain('npm test');
  });

  it('release nothing untested and publish nothing unreleased', () => {
    const { jobs } = read('release.yaml') as unknown as { jobs: Record<string, { needs?: string; uses?: string }> };
    expect(jobs['test']?.uses).toBe('./.github/workflows/test.yaml');
    expect(jobs['release']?.needs).toBe('test');
    expect(jobs['publish']).toMatchObject({ needs: 'release', uses: './.github/workflows/publish.yaml' });
  });

  it('build the image for every architecture of config.yaml', () => {
    const { env } = read('publish.yaml') as unknown as { env: { ARCHITECTURES: string } };
    const { arch } = parseYaml(readText('config.yaml')) as { arch: string[] };
    expect((JSON.parse(env.ARCHITECTURES) as string[]).sort()).toEqual([...arch].sort());
  });
});
