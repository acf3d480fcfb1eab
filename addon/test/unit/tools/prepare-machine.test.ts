import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerNeeds, findCommand, NEEDS, plan } from '../../../tools/prepare-machine.mjs';

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n';
const RASPBIAN = 'ID=raspbian\nID_LIKE=debian\n';
const FEDORA = 'ID=fedora\n';
const machine = { osRelease: DEBIAN, isRoot: true, hasApt: true };

describe('plan', () => {
  it('installs every package once on Debian', () => {
    expect(plan(NEEDS, machine)).toEqual({
      apt: [
        'chromium',
        'firefox-esr',
        'ffmpeg',
        'mpg123',
        'espeak-ng',
        'mosquitto',
        'icecast2',
        'iproute2',
        'iptables',
      ],
      playwright: [],
      manual: false,
    });
    expect(plan(NEEDS, { ...machine, osRelease: RASPBIAN }).manual).toBe(false);
  });

  it("takes Playwright's browsers on Ubuntu, where apt has only snaps", () => {
    expect(plan(NEEDS, { ...machine, osRelease: UBUNTU })).toEqual({
      apt: ['ffmpeg', 'mpg123', 'espeak-ng', 'mosquitto', 'icecast2', 'iproute2', 'iptables'],
      playwright: ['chromium', 'firefox'],
      manual: false,
    });
  });

  it.each([
    ['without root', { ...machine, isRoot: false }],
    ['without apt', { ...machine, hasApt: false }],
    ['on another system', { ...machine, osRelease: FEDORA }],
    ['on a system that says nothing of itself', { ...machine, osRelease: '' }],
  ])('leaves it to the person %s', (_, other) => {
    expect(plan(NEEDS, other).manual).toBe(true);
  });
});

describe('containerNeeds', () => {
  const aptPackages = (hasDocker: boolean): string[] => plan(containerNeeds(hasDocker), machine).apt;

  it('is podman with runtime and networks only where no Docker engine answers', () => {
    expect(aptPackages(true)).toEqual(['apparmor', 'ffmpeg', 'espeak-ng']);
    expect(aptPackages(false)).toEqual(['podman', 'runc', 'netavark', 'iptables', ...aptPackages(true)]);
  });
});

describe('findCommand', () => {
  it('takes the first command that is on PATH', () => {
    const path = dirname(process.execPath);
    expect(findCommand(['no-such-command', 'node'], path)).toBe(`${path}/node`);
    expect(findCommand(['no-such-command'], path)).toBeUndefined();
    expect(findCommand(['node'], '')).toBeUndefined();
    expect(findCommand([process.execPath], '')).toBe(process.execPath);
    expect(findCommand([`${process.execPath}-of-another-machine`], path)).toBeUndefined();
  });
});
