/**
 * What the Supervisor takes from a repository, as far as we use it: it drops unknown keys in silence and hides an add-on
 * with a wrong value, so a slip shows only in somebody's store. Deprecated keys and values are wrong here.
 */
import * as v from 'valibot';

const ARCHITECTURES = ['aarch64', 'amd64'] as const;
const MAPPED = ['data', 'ssl', 'local_apps', 'backup', 'share', 'media', 'homeassistant_config', 'all_app_configs'];
const text = v.pipe(v.string(), v.nonEmpty());
const flag = v.boolean();
const matching = (pattern: RegExp): v.GenericSchema<string> => v.pipe(v.string(), v.regex(pattern));
const port = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)));
const portName = matching(/^\d{1,5}\/(?:tcp|udp)$/);
const optionType = matching(
  /^(?:str|bool|email|url|password|port|(?:int|float)(?:\(-?[\d.]*,-?[\d.]*\))?|match\(.+\)|list\([^|()]+(?:\|[^|()]+)+\))\??$/,
);
/** The suffix says that it may be written to. */
const mapping = matching(new RegExp(`^(?:${MAPPED.join('|')})(?::rw)?$`));

export const AddonConfig = v.strictObject({
  name: text,
  version: matching(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/),
  slug: matching(/^[-_.A-Za-z0-9]+$/),
  description: text,
  arch: v.pipe(v.array(v.picklist(ARCHITECTURES)), v.minLength(1)),
  url: v.optional(v.pipe(v.string(), v.url())),
  homeassistant: v.optional(matching(/^\d{4}\.\d{1,2}\.\d+$/)),
  image: v.optional(matching(/^[\w.-]+\/[\w./-]+$/)),
  startup: v.optional(v.picklist(['initialize', 'system', 'services', 'application', 'once'])),
  boot: v.optional(v.picklist(['auto', 'manual', 'manual_only'])),
  stage: v.optional(v.picklist(['stable', 'experimental', 'deprecated'])),
  init: v.optional(flag),
  timeout: v.optional(v.pipe(v.number(), v.minValue(10), v.maxValue(300))),
  ports: v.optional(v.record(portName, port)),
  ports_description: v.optional(v.record(portName, text)),
  watchdog: v.optional(matching(/^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(?:\[PORT:\d+\]|\d+).*$/)),
  webui: v.optional(matching(/^(?:https?|\[PROTO:\w+\]):\/\/\[HOST\]:\[PORT:\d+\].*$/)),
  ingress: v.optional(flag),
  ingress_port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  ingress_entry: v.optional(text),
  ingress_stream: v.optional(flag),
  panel_icon: v.optional(matching(/^mdi:[a-z0-9-]+$/)),
  panel_title: v.optional(text),
  panel_admin: v.optional(flag),
  host_network: v.optional(flag),
  host_pid: v.optional(flag),
  host_uts: v.optional(flag),
  privileged: v.optional(v.array(matching(/^[A-Z_]+$/))),
  kernel_modules: v.optional(flag),
  full_access: v.optional(flag),
  apparmor: v.optional(flag),
  docker_api: v.optional(flag),
  auth_api: v.optional(flag),
  hassio_api: v.optional(flag),
  hassio_role: v.optional(v.picklist(['default', 'homeassistant', 'backup', 'manager', 'admin'])),
  homeassistant_api: v.optional(flag),
  services: v.optional(v.array(matching(/^(?:mqtt|mysql):(?:want|need|provide)$/))),
  map: v.optional(v.array(mapping)),
  backup: v.optional(v.picklist(['hot', 'cold'])),
  backup_exclude: v.optional(v.array(text)),
  tmpfs: v.optional(flag),
  options: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.array(v.unknown())])),
  // A list of objects is the deepest we go.
  schema: v.record(v.string(), v.union([optionType, v.tuple([v.record(v.string(), optionType)])])),
});
export type AddonConfig = v.InferOutput<typeof AddonConfig>;

export const Repository = v.strictObject({
  name: text,
  url: v.pipe(v.string(), v.url()),
  maintainer: text,
});

/** Unlike Docker it insists on a folder before the name: with `node:24-alpine` the add-on cannot be installed. */
const baseImage = matching(/^(?:[a-zA-Z\-.:\d{}]+\/)*?[-\w{}]+\/[-\w{}]+(?::[.\-\w{}]+)?$/);

export const BuildConfig = v.strictObject({
  build_from: v.record(v.picklist(ARCHITECTURES), baseImage),
});

const named = v.strictObject({ name: text, description: v.optional(text) });
export const Translation = v.strictObject({
  configuration: v.record(
    v.string(),
    v.strictObject({ name: text, description: text, fields: v.optional(v.record(v.string(), named)) }),
  ),
  network: v.record(portName, text),
});

/** One of these, whichever, costs one point. */
const RISKY_CAPABILITIES = [
  ...['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'NET_ADMIN', 'NET_RAW', 'PERFMON', 'SYS_ADMIN', 'SYS_MODULE'],
  ...['SYS_PTRACE', 'SYS_RAWIO'],
];

/** What the store shows as security rating, 1 to 8, once the add-on is installed. */
export function securityRating(config: AddonConfig, hasAppArmorProfile: boolean): number {
  if (config.docker_api === true || config.full_access === true) return 1;
  let rating = 5;
  if (config.apparmor === false) rating -= 1;
  else if (hasAppArmorProfile) rating += 1;
  if (config.ingress === true) rating += 2;
  else if (config.auth_api === true) rating += 1;
  const capabilities = config.privileged ?? [];
  if (config.kernel_modules === true || capabilities.some((each) => RISKY_CAPABILITIES.includes(each))) rating -= 1;
  if (config.hassio_role === 'manager') rating -= 1;
  if (config.hassio_role === 'admin') rating -= 2;
  if (config.host_network === true) rating -= 1;
  if (config.host_pid === true) rating -= 2;
  if (config.host_uts === true && capabilities.includes('SYS_ADMIN')) rating -= 1;
  return Math.min(8, Math.max(1, rating));
}
