/** A video is played out of the page's memory: a larger one is offered to be saved. */
export const kVideoBytesMax = 200 * 1024 * 1024;
