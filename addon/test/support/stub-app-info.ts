/** What the Supervisor says about an add-on and about its host: whole documents, as Core's own client insists on every field. */

/** What differs from test to test; the rest is as it is on a quiet machine. */
export interface AppFacts {
  /** With the repository's hash in front, `0123abcd_voice_streaming`. */
  slug: string;
  version: string;
  state: 'started' | 'stopped' | 'startup' | 'error' | 'unknown';
  /** Where the Supervisor reaches the add-on: with host network 172.30.32.1, in tests loopback. */
  ipAddress: string;
  ingressPort: number;
  ingressToken: string;
  /** Host ports of `ports` in config.yaml; null where the user switched one off. */
  network: Record<string, number | null> | null;
  options: Record<string, unknown>;
  panelAdmin: boolean;
  /** `services` of config.yaml. */
  services: string[];
}

export interface HostFacts {
  /** The address in the house's network, with prefix: `192.168.1.5/24`. Null: the host has no primary interface. */
  address: string | null;
  interface: string;
}

export const APP: AppFacts = {
  slug: '0123abcd_voice_streaming',
  version: '0.1.0',
  state: 'started',
  ipAddress: '127.0.0.1',
  ingressPort: 0,
  ingressToken: 'q4mFVxZ0m7yN9s1Ue6JXKc0oTeqYkBq2rZb9p5T3h8w',
  network: { '8081/tcp': 8081, '8080/tcp': null },
  options: {},
  panelAdmin: false,
  services: ['mqtt:want'],
};

export const HOST: HostFacts = { address: '192.168.1.5/24', interface: 'end0' };

/** `/addons/<slug>/info`. */
export function appInfo(app: AppFacts): Record<string, unknown> {
  const no = [
    'advanced build icon logo update_available detached auth_api docker_api full_access host_pid host_ipc host_uts',
    'host_dbus signed changelog stdin gpio usb uart kernel_modules devicetree udev video audio auto_update system_managed',
  ];
  const none = 'homeassistant url long_description webui audio_input audio_output system_managed_config_entry';
  return {
    ...Object.fromEntries(no.flatMap((names) => names.split(' ')).map((name) => [name, false])),
    ...Object.fromEntries(none.split(' ').map((name) => [name, null])),
    name: 'Voice Streaming',
    slug: app.slug,
    hostname: app.slug.replaceAll('_', '-'),
    description: 'Press a button on a dashboard, speak, and be heard.',
    repository: app.slug.split('_')[0],
    version: app.version,
    version_latest: app.version,
    state: app.state,
    stage: 'stable',
    available: true,
    documentation: true,
    arch: ['aarch64', 'amd64'],
    machine: [],
    apparmor: 'profile',
    rating: 7,
    protected: true,
    homeassistant_api: true,
    hassio_api: true,
    hassio_role: 'default',
    host_network: true,
    dns: [],
    boot: 'auto',
    boot_config: 'auto',
    startup: 'application',
    watchdog: true,
    options: app.options,
    schema: [],
    network: app.network,
    network_description: {},
    privileged: [],
    services: app.services,
    discovery: [],
    translations: {},
    devices: [],
    ingress: true,
    ingress_entry: `/api/hassio_ingress/${app.ingressToken}`,
    ingress_url: `/api/hassio_ingress/${app.ingressToken}/`,
    ingress_port: app.ingressPort,
    ingress_panel: false,
    ip_address: app.ipAddress,
  };
}

/** `/network/info`. */
export function networkInfo({ address, interface: name }: HostFacts): Record<string, unknown> {
  const ipv4 = {
    method: 'auto',
    ready: true,
    address: [address],
    nameservers: ['192.168.1.1'],
    gateway: '192.168.1.1',
    route_metric: null,
  };
  const off = { wifi: null, vlan: null, mdns: 'announce', llmnr: 'announce', ipv6: null };
  const idle = { interface: 'wlan0', type: 'wireless', enabled: false, connected: false, primary: false, ipv4: null };
  const lan = { interface: name, type: 'ethernet', enabled: true, connected: true, primary: true, ipv4 };
  return {
    interfaces: [
      { ...off, ...idle, mac: '02:00:00:00:00:02' },
      ...(address === null ? [] : [{ ...off, ...lan, mac: '02:00:00:00:00:01' }]),
    ],
    docker: { interface: 'hassio', address: '172.30.32.0/23', gateway: '172.30.32.1', dns: '172.30.32.3' },
    host_internet: true,
    supervisor_internet: true,
  };
}

/** Everything else that Core asks when it starts, by path. */
export function systemInfo(app: AppFacts, coreVersion: string): Record<string, unknown> {
  const base = { arch: 'amd64', channel: 'stable', logging: 'info', timezone: 'Europe/Berlin', supported: true };
  const versions = { version: coreVersion, version_latest: coreVersion, update_available: false };
  const supervisor = { version: '2026.11.0', version_latest: '2026.11.0', update_available: false };
  const nulls = (names: string): Record<string, null> =>
    Object.fromEntries(names.split(' ').map((name) => [name, null]));
  const stats = Object.fromEntries(
    'cpu_percent memory_usage memory_limit memory_percent network_rx network_tx blk_read blk_write'
      .split(' ')
      .map((name) => [name, 1]),
  );
  return {
    '/supervisor/ping': {},
    '/info': {
      ...base,
      ...nulls('hassos machine_id'),
      supervisor: supervisor.version,
      homeassistant: coreVersion,
      docker: '28.0.0',
      hostname: 'homeassistant',
      operating_system: 'Debian GNU/Linux 12',
      features: [],
      machine: 'qemux86-64',
      state: 'running',
      supported_arch: ['amd64'],
    },
    '/supervisor/info': {
      ...base,
      ...supervisor,
      ...nulls('country diagnostics'),
      healthy: true,
      ip_address: '172.30.32.2',
      debug: false,
      debug_block: false,
      auto_update: false,
      detect_blocking_io: false,
      feature_flags: {},
    },
    '/core/info': {
      ...versions,
      ...nulls('audio_input audio_output'),
      machine: 'qemux86-64',
      ip_address: '172.30.32.1',
      arch: 'amd64',
      image: 'homeassistant',
      boot: true,
      port: 8123,
      ssl: false,
      watchdog: true,
      backups_exclude_database: false,
      duplicate_log_file: false,
    },
    '/os/info': {
      ...nulls('version version_latest version_pending board boot data_disk'),
      update_available: false,
      boot_slots: {},
    },
    '/host/info': {
      ...nulls(
        'agent_version apparmor_version chassis virtualization cpe deployment disk_life_time llmnr_hostname kernel',
      ),
      ...nulls('timezone dt_utc dt_synchronized use_ntp startup_time boot_timestamp broadcast_llmnr broadcast_mdns'),
      disk_free: 50,
      disk_total: 100,
      disk_used: 50,
      features: [],
      hostname: 'homeassistant',
      operating_system: 'Debian GNU/Linux 12',
    },
    '/store': { addons: [], repositories: [] },
    '/store/addons': { addons: [] },
    '/mounts': { default_backup_mount: null, mounts: [] },
    '/jobs/info': { ignore_conditions: [], jobs: [] },
    '/resolution/info': { suggestions: [], unsupported: [], unhealthy: [], issues: [], checks: [] },
    '/available_updates': { available_updates: [] },
    '/backups': { backups: [] },
    '/backups/info': { backups: [], days_until_stale: 30 },
    '/discovery': { discovery: [], services: {} },
    '/addons': { addons: [appInfo(app)] },
    '/core/stats': stats,
    '/supervisor/stats': stats,
    [`/addons/${app.slug}/stats`]: stats,
  };
}
