/** `navigator.mediaDevices` of a machine whose devices come and go. */
export class FakeMediaDevices extends EventTarget {
  /** Names are kept from the page until it may use the microphone. */
  named = true;
  devices: { kind: MediaDeviceKind; deviceId: string; label: string }[] = [];
  listeners = 0;

  static microphone(id: string, label: string): FakeMediaDevices['devices'][number] {
    return { kind: 'audioinput', deviceId: id, label };
  }

  static speaker(id: string, label: string): FakeMediaDevices['devices'][number] {
    return { kind: 'audiooutput', deviceId: id, label };
  }

  enumerateDevices(): Promise<FakeMediaDevices['devices']> {
    return Promise.resolve(
      this.devices.map((device) => (this.named ? device : { ...device, deviceId: '', label: '' })),
    );
  }

  /** What is there now. */
  become(...devices: FakeMediaDevices['devices']): void {
    this.devices = devices;
    this.dispatchEvent(new Event('devicechange'));
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...args);
  }
}
