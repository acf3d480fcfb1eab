/** Chinese, simplified: the page. */
import type { PageWords } from '../../page-texts.ts';

const zhHans: PageWords = {
  name: '本设备名称',
  urls: '在扬声器上播放',
  'urls.hint': '任何能播放 URL 的设备都可以收听。拿到 URL 就能听到，请像钥匙一样保管。',
  'urls.latest': '正在说话的人',
  'urls.forbidden': '只有管理员能看到扬声器的 URL。',
  'urls.more': '仅一台设备',
  copy: '复制',
  'copy.label': '复制 {name} 的 {format} URL',
  token: '访问令牌',
  'token.hint': '它在服务器数据目录的 secrets.json 中；服务器启动时会显示其位置。',
  'token.submit': '确定',
  version: 'Voice Streaming {version}',
};

export default zhHans;
