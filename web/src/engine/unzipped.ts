// Whoever serves the page need not compress; what says so has been unpacked by the browser already.

export async function unzipped(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  const magic = new Uint8Array(bytes, 0, 2);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
