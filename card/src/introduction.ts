/** Tells each new connection which device this is and what it is called, and keeps what the server calls it. */
import { Device } from './device.ts';
import { Emitter } from './emitter.ts';
import type { SignalingClient } from './signaling-client.ts';
import { troubleOf, type Trouble } from './trouble.ts';

export class Introduction {
  readonly changed = new Emitter();
  readonly device = new Device();
  readonly #client: SignalingClient;
  #configName: string | undefined;
  #streamId: string | null = null;
  #trouble: Trouble | null = null;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(client: SignalingClient, configName: string | undefined) {
    this.#client = client;
    this.#configName = configName;
  }

  /** The id of our own stream; null until the server has said it. */
  get streamId(): string | null {
    return this.#streamId;
  }

  get name(): string {
    return this.#configName ?? this.device.name;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  setConfigName(name: string): void {
    if (name === this.#configName) return;
    this.#configName = name;
    this.tell();
  }

  /** A person named this device; the id stays. */
  rename(name: string): void {
    this.#configName = undefined;
    this.device.name = name;
    this.tell();
    this.changed.emit();
  }

  forget(): void {
    this.#trouble = null;
  }

  tell(): void {
    if (!this.#isReady) return;
    const told = this.#client.request('introduce', { deviceKey: this.device.key, name: this.name });
    this.#latest = told;
    told.then(
      ({ streamId }) => {
        this.#streamId = streamId;
        this.#trouble = null;
        this.changed.emit();
      },
      (error: unknown) => {
        if (told !== this.#latest || !this.#isReady) return;
        this.#trouble = troubleOf(error);
        this.changed.emit();
      },
    );
  }

  /** A press while the first connection is still coming up waits for it. */
  async whenTold(): Promise<void> {
    if (this.#client.connection.state === 'connecting') {
      await new Promise<void>((resolve) => {
        const unsubscribe = this.#client.changed.subscribe(() => {
          unsubscribe();
          resolve();
        });
      });
    }
    await this.#latest;
  }

  get #isReady(): boolean {
    return this.#client.connection.state === 'ready';
  }
}
