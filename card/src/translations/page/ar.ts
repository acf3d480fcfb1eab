/** Arabic; read from right to left: the page. */
import type { PageWords } from '../../page-texts.ts';

const ar: PageWords = {
  name: 'اسم هذا الجهاز',
  urls: 'التشغيل على مكبر صوت',
  'urls.hint': 'كل ما يشغّل عنوان URL يستطيع الاستماع. من لديه العنوان يسمع، فعامله كمفتاح.',
  'urls.latest': 'أيّ متحدث',
  'urls.forbidden': 'عناوين مكبرات الصوت تظهر للمسؤولين فقط.',
  'urls.more': 'جهاز واحد فقط',
  copy: 'نسخ',
  'copy.label': 'نسخ عنوان {format} الخاص بـ {name}',
  token: 'رمز الوصول',
  'token.hint': 'تجده في secrets.json في مجلد بيانات الخادم؛ يذكر الخادم مكانه عند بدء التشغيل.',
  'token.submit': 'متابعة',
  version: 'Voice Streaming {version}',
};

export default ar;
