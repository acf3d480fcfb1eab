import { defineConfig } from 'vitest/config';

/** The stages of `npm test`, each also alone: `npx vitest run --project unit`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'shared/test/**/*.test.ts',
            'addon/test/unit/**/*.test.ts',
            'addon/test/rules/**/*.test.ts',
            'addon/soak/test/unit/**/*.test.ts',
            'card/test/**/*.test.ts',
          ],
          testTimeout: 5_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['addon/test/integration/**/*.test.ts', 'addon/soak/test/integration/**/*.test.ts'],
          globalSetup: ['addon/test/setup/bundle-worker.ts'],
          pool: 'forks',
          // Real time is part of what is tested, and a CI machine has two cores.
          fileParallelism: false,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['addon/test/e2e/**/*.test.ts'],
          globalSetup: ['addon/test/setup/bundle-all.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'container',
          include: ['addon/test/container/**/*.test.ts'],
          globalSetup: ['addon/test/setup/build-image.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'ha',
          include: ['addon/test/ha/**/*.test.ts'],
          globalSetup: ['addon/test/setup/bundle-all.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // No test, and no stage of `npm test`: addon/bench/README.md.
      {
        test: {
          name: 'speakers',
          include: ['addon/test/ha/*.figures.ts'],
          globalSetup: ['addon/test/setup/bundle-all.ts'],
          pool: 'forks',
          fileParallelism: false,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
