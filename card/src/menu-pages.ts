/** Which pages the dialog of a card has, by what the card does. */
import type { TemplateResult } from 'lit';
import type { CardFacts } from './card-view.ts';
import { icons } from './icons.ts';
import type { MenuPageModel } from './menu-dialog.ts';
import type { ScreenOffPlayer } from './screen-off-player.ts';
import type { StreamListModel } from './stream-list.ts';
import { say } from './texts.ts';
import { voicesPage } from './voices-page.ts';

/** Asked only for the page that is open. */
export interface MenuModels {
  toggleListen: () => void;
  screenOff: Pick<ScreenOffPlayer, 'on' | 'setOn'> | null;
  list: () => StreamListModel;
  devices: (does: { hears: boolean; talks: boolean }) => TemplateResult;
  details: () => TemplateResult;
}

export function menuPages(
  { mode, listen, sessionTrouble, talkTrouble }: CardFacts,
  { toggleListen, screenOff, list, devices, details }: MenuModels,
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
          screenOff: hears ? { on: screenOff?.on ?? false, toggle: () => screenOff?.setOn(!screenOff.on) } : null,
          list: hears ? list() : null,
          trouble: sessionTrouble ?? talkTrouble,
        }),
    },
    {
      id: 'devices',
      title: say(hears && talks ? 'menu.devices' : talks ? 'devices.microphone' : 'devices.speaker'),
      icon: talks ? icons.microphone : icons.sound,
      content: () => devices(does),
    },
    { id: 'details', title: say('menu.details'), icon: icons.details, content: details },
  ];
}
