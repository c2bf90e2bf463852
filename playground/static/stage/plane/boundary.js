/**
 * The boundary: lines between the classes, by marching squares on the margins.
 *
 * Where two neighbouring cells differ, the boundary crosses the edge between them at the place where the margin is zero.
 * A square with two crossings gives a piece of line, one with more a meeting point of several classes. The pieces are
 * joined into long lines, so that they can be stroked smoothly in one go.
 */

/**
 * @param {{n: number, winner: Uint8Array, value: Float32Array}} field
 * @returns {Float32Array[]} lines as x, y, x, y ... in units of the plane's side (0..1, y downwards)
 */
export function boundaryLines(field) {
  const { n, winner, value } = field;
  const xs = [], ys = [], neighbours = []; // nodes of the line graph; most have two neighbours
  const across = new Int32Array(n * n).fill(-1); // node on the edge from cell i to the one on its right
  const down = new Int32Array(n * n).fill(-1); // ... to the one below it

  const node = (x, y) => {
    xs.push((x + 0.5) / n);
    ys.push((y + 0.5) / n);
    neighbours.push([]);
    return xs.length - 1;
  };
  const crossing = (i, j) => value[i] / Math.max(1e-9, value[i] + value[j]);
  const join = (a, b) => {
    neighbours[a].push(b);
    neighbours[b].push(a);
  };

  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      const i = r * n + c;
      // Half a cell lies between the outermost centres and the rim: a line that leaves the grid is drawn on to the rim.
      if (c < n - 1 && winner[i] !== winner[i + 1]) {
        const x = c + crossing(i, i + 1);
        across[i] = node(x, r);
        if (r === 0) join(across[i], node(x, -0.5));
        if (r === n - 1) join(across[i], node(x, n - 0.5));
      }
      if (r < n - 1 && winner[i] !== winner[i + n]) {
        const y = r + crossing(i, i + n);
        down[i] = node(c, y);
        if (c === 0) join(down[i], node(-0.5, y));
        if (c === n - 1) join(down[i], node(n - 0.5, y));
      }
    }
  }
  for (let r = 0; r < n - 1; r++) {
    for (let c = 0; c < n - 1; c++) {
      const i = r * n + c;
      const [top, right, bottom, left] = [across[i], down[i + 1], across[i + n], down[i]];
      const found = [top, right, bottom, left].filter((k) => k >= 0);
      const count = found.length;
      if (!count) continue;
      if (count === 2) join(found[0], found[1]);
      else if (count === 4 && winner[i] === winner[i + n + 1] && winner[i + 1] === winner[i + n]) {
        // Two classes, chequered: the stronger diagonal keeps its corners together.
        const together = value[i] + value[i + n + 1] > value[i + 1] + value[i + n];
        join(top, together ? right : left);
        join(bottom, together ? left : right);
      } else {
        const mean = (list) => found.reduce((sum, k) => sum + list[k], 0) / found.length;
        const centre = node(mean(xs) * n - 0.5, mean(ys) * n - 0.5);
        for (const k of found) join(centre, k);
      }
    }
  }
  return chains(xs, ys, neighbours);
}

/** Walks the graph from end to end (or around), each piece once. */
function chains(xs, ys, neighbours) {
  const lines = [];
  const walk = (start, next) => {
    const line = [xs[start], ys[start]];
    let [before, here] = [start, next];
    drop(start, next);
    for (;;) {
      line.push(xs[here], ys[here]);
      const onward = neighbours[here];
      if (here === start || onward.length !== 1) break;
      before = here;
      here = onward[0];
      drop(before, here);
    }
    lines.push(Float32Array.from(line));
  };
  const drop = (a, b) => {
    neighbours[a].splice(neighbours[a].indexOf(b), 1);
    neighbours[b].splice(neighbours[b].indexOf(a), 1);
  };
  const degree = neighbours.map((list) => list.length);
  for (let i = 0; i < xs.length; i++) if (degree[i] !== 2) while (neighbours[i].length) walk(i, neighbours[i][0]);
  for (let i = 0; i < xs.length; i++) while (neighbours[i].length) walk(i, neighbours[i][0]);
  return lines;
}

/** Adds the lines to the current path, rounded: each point is the control point between two middles. */
export function tracePath(ctx, lines, x, y, size) {
  for (const line of lines) {
    const last = line.length - 2;
    ctx.moveTo(x + line[0] * size, y + line[1] * size);
    for (let i = 2; i < last; i += 2) {
      const [px, py] = [x + line[i] * size, y + line[i + 1] * size];
      ctx.quadraticCurveTo(px, py, (px + x + line[i + 2] * size) / 2, (py + y + line[i + 3] * size) / 2);
    }
    ctx.lineTo(x + line[last] * size, y + line[last + 1] * size);
  }
}
