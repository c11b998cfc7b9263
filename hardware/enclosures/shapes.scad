// What all enclosures of Hallward are made of. Millimetres and degrees throughout.
// Screws: M3 into heat-set inserts (hole 4.0) or, into a plain boss, self-tapping (hole 2.6). M2.5 for boards.

WALL_MIN = 1.6; // four lines of a 0.4 nozzle: what stands up to a hall

// A box whose vertical edges and top edges are round; its corner is at the origin.
module rounded_box(size, r) {
  hull()
    for (x = [r, size[0] - r], y = [r, size[1] - r]) {
      translate([x, y, 0]) cylinder(r = r, h = r);
      translate([x, y, size[2] - r]) sphere(r = r);
    }
}

// A column for a screw from below, closed at its top.
module boss(h, d, hole, deep) {
  difference() {
    cylinder(d = d, h = h);
    translate([0, 0, -0.01]) cylinder(d = hole, h = deep);
  }
}

// A pillar for a board, open at its top.
module standoff(h, d = 6, hole = 2.1) {
  difference() {
    cylinder(d = d, h = h);
    translate([0, 0, h - 6]) cylinder(d = hole, h = 6.01);
  }
}

// Slots for air: count of them, each width x length, through a wall of the depth.
module vents(count, width, length, depth, pitch) {
  for (i = [0 : count - 1]) translate([i * pitch, 0, 0]) cube([width, length, depth]);
}
