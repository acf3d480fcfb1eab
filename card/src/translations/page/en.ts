/** English of the page around the card; built into the page. */
const en = {
  name: 'This device is called',
  urls: 'Play on a speaker',
  'urls.hint':
    'Anything that plays a URL can listen along. Whoever has such a URL can hear it, so treat it like a key.',
  'urls.latest': 'Whoever speaks',
  'urls.forbidden': 'Only administrators see the URLs for speakers.',
  'urls.more': 'One device only',
  copy: 'Copy',
  'copy.label': 'Copy the {format} URL of {name}',
  token: 'Access token',
  'token.hint': 'It is in secrets.json in the server’s data directory; the server says at its start where that is.',
  'token.submit': 'Enter',
  version: 'Voice Streaming {version}',
} as const;

export default en;
