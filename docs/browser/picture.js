// Decodes pictures as a browser does, to pixels as predict.js takes them.

/** The bytes of base64 text, as POST /predict takes pictures; null of null. */
export function fromBase64(text) {
  return text && new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
}

/** An encoded picture's pixels, {data, height, width}, channels last: 3 are red, green and blue, 1 is grey. */
export async function decode(blob, channels) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const colours = pixels.subarray(4 * i, 4 * i + 3);
    data.set(channels === 1 ? [grey(...colours)] : colours, i * channels);
  }
  return { data, height, width };
}

/** ITU-R 601-2 luma in the whole numbers that Pillow, which decodes for the service, reckons with. */
function grey(red, green, blue) {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}
