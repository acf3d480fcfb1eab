/** What this card calls itself; a test keeps it equal to the packages' version. */
export const VERSION = '0.1.0';
