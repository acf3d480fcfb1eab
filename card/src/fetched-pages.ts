/** What is in `pages.js`: the pages that are fetched when they are opened. */
import { openDetails } from './details/opened-details.ts';
import { openDevices } from './devices/opened-devices.ts';
import type { PagesModule } from './fetched-page.ts';
import { speaking } from './fetched-words.ts';
import { createMonitor } from './monitor-sender.ts';
import { openSpeakers } from './speakers/opened-speakers.ts';
import { speakersPart } from './speakers/part.ts';
import { openVoices } from './voices-list.ts';

const pages: PagesModule = {
  details: openDetails,
  devices: speaking(openDevices),
  voices: speaking(openVoices),
  speakers: speaking(openSpeakers),
  speakersPart,
  createMonitor,
};
export const { details, devices, voices, speakers } = pages;
export { createMonitor, speakersPart };
