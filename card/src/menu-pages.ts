/** Which pages the dialog of a card has, by what the card does. */
import type { TemplateResult } from 'lit';
import type { CardFacts } from './card-view.ts';
import { icons } from './icons.ts';
import type { MenuPageModel } from './menu-dialog.ts';
import { say } from './texts.ts';
import { voicesPage } from './voices-page.ts';

/** Asked only for the page that is open. */
export interface MenuModels {
  toggleListen: () => void;
  list: () => TemplateResult;
  /** Null where nobody talks. */
  speakers: (() => TemplateResult) | null;
  devices: (does: { hears: boolean; talks: boolean }) => TemplateResult;
  details: () => TemplateResult;
}

export function menuPages(
  { mode, listen, sessionTrouble, talkTrouble }: CardFacts,
  { toggleListen, list, speakers, devices, details }: MenuModels,
): MenuPageModel[] {
  const does = { hears: mode !== 'sender', talks: mode !== 'receiver' };
  const { hears, talks } = does;
  return [
    {
      id: 'voices',
      title: say(hears ? 'list.label' : 'menu.settings'),
      icon: icons.sound,
      content: () =>
        voicesPage({
          sound: mode === 'intercom' ? { on: listen !== null, toggle: toggleListen } : null,
          list: hears ? list() : null,
          trouble: sessionTrouble ?? talkTrouble,
        }),
    },
    ...(speakers
      ? [{ id: 'speakers' as const, title: say('menu.speakers'), icon: icons.house, content: speakers }]
      : []),
    {
      id: 'devices',
      title: say(hears && talks ? 'menu.devices' : talks ? 'devices.microphone' : 'devices.speaker'),
      icon: talks ? icons.microphone : icons.sound,
      content: () => devices(does),
    },
    { id: 'details', title: say('menu.details'), icon: icons.details, content: details },
  ];
}
