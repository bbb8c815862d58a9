import { expect, test } from 'vitest';
import { kZoomMax, Zoom } from './zoom.svelte';

const zoomed = () => new Zoom(() => ({ stage: { width: 400, height: 300 }, picture: { width: 400, height: 200 } }));
const where = ({ factor, x, y }: Zoom) => [factor, x, y].map((each) => Math.round(each * 100) / 100 + 0);

test('what is pointed at stays where it is', () => {
  const zoom = zoomed();
  zoom.to(4, 100, 20);
  expect(where(zoom)).toEqual([4, -300, -60]);
  zoom.to(2, 100, 20);
  expect(where(zoom)).toEqual([2, -100, -20]);
});

test('a picture is not moved out of sight, and not made smaller than as a whole', () => {
  const zoom = zoomed();
  zoom.move(50, 50);
  expect(where(zoom)).toEqual([1, 0, 0]);
  zoom.to(2);
  zoom.move(1000, -1000);
  expect(where(zoom)).toEqual([2, 200, -50]);
  zoom.to(0.2);
  expect(where(zoom)).toEqual([1, 0, 0]);
  zoom.to(1000);
  expect(zoom.factor).toBe(kZoomMax);
  zoom.reset();
  expect(where(zoom)).toEqual([1, 0, 0]);
});
