/** Global setup of the container tests: the image is built once, and gone afterwards. */
import type { TestProject } from 'vitest/node';
import { buildImages, removeImages, type BuiltImages } from '../support/built-image.ts';
import { makeEngineFolder, openEngine, removeEngineFolder } from '../support/container-engine.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    images: BuiltImages;
    /** For openEngine. */
    engineFolder: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const startedAt = performance.now();
  const folder = makeEngineFolder();
  try {
    const engine = openEngine(folder);
    const images = await buildImages(engine);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`Two images built by ${engine.name} in ${seconds} s, on ${images.base}.`);
    if (images.standIn !== undefined) {
      console.log(`The base is a stand-in, as the Dockerfile's could not be had: ${images.standIn}`);
    }
    project.provide('images', images);
    project.provide('engineFolder', folder);
    return async () => {
      await removeImages(engine, images);
      removeEngineFolder(folder);
    };
  } catch (error) {
    removeEngineFolder(folder);
    throw error;
  }
}
