/** `npm run test:long` sets it: every fault, and the plug cycles at their full number. They take minutes. */
export const isLong = process.env.CTL_BRIDGE_LONG === '1'
