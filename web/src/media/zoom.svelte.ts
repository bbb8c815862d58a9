// How large a picture is seen, and which part of it.

export const kZoomMax = 8;

export interface Size {
  width: number;
  height: number;
}

export class Zoom {
  /** 1: as a whole. */
  factor = $state(1);
  /** How far its middle is from the middle of what it is seen in, in pixels of the page. */
  x = $state(0);
  y = $state(0);

  /** `measure`: how large the place is that it is seen in, and the picture there as a whole. */
  constructor(private readonly measure: () => { stage: Size; picture: Size }) {}

  /** Makes it so much larger than as a whole; the point, counted from the middle of the place, stays where it is. */
  to(factor: number, x = 0, y = 0): void {
    const next = Math.min(kZoomMax, Math.max(1, factor));
    const grown = next / this.factor;
    [this.factor, this.x, this.y] = [next, x - (x - this.x) * grown, y - (y - this.y) * grown];
    this.keep();
  }

  move(dx: number, dy: number): void {
    [this.x, this.y] = [this.x + dx, this.y + dy];
    this.keep();
  }

  reset(): void {
    [this.factor, this.x, this.y] = [1, 0, 0];
  }

  // No further than to its edge.
  private keep(): void {
    const { stage, picture } = this.measure();
    const [right, down] = [(picture.width * this.factor - stage.width) / 2, (picture.height * this.factor - stage.height) / 2].map((each) => Math.max(0, each)) as [number, number];
    this.x = Math.min(right, Math.max(-right, this.x));
    this.y = Math.min(down, Math.max(-down, this.y));
  }
}
