// What all enclosures of Hallward are made of. Millimetres and degrees throughout.
// Screws: M3 into heat-set inserts (hole 4.0) or, into a plain boss, self-tapping 2.9 (hole 2.6). M2.5 for boards.

WALL_MIN = 1.6; // four lines of a 0.4 nozzle: what stands up to a hall

// A clamp for cables (strain-relief.scad) hangs from its ears between posts; below it the plate.
CLAMP_POST = 5;     // the posts, on the plate
CLAMP_EAR = 4;      // what the screw goes through
CLAMP_GAP = 0.8;    // from the clamp down to the plate
CLAMP_SEAT = 8.2;   // of a screw, along the clamp: its hole 3.4 and a wall of 2.4 on either side
SINGLE_APART = 22;  // posts of a clamp for one cable
// Cables of a gate, outer diameters: supply, lock, chain, fire, reed, jam | beams, lamps, buzzer, HDMI. To verify.
GATE_CABLES = [[6.4, 5.2, 6.4, 6.4, 3.8, 3.8], [4.3, 4.3, 4.6, 3.8, 6.0]];

function sum(list, n) = n == 0 ? 0 : list[n - 1] + sum(list, n - 1);
function group_wide(group) = sum(group, len(group)) + (len(group) + 1) * WALL_MIN;
function comb_wide(groups) = sum([for (g = groups) group_wide(g)], len(groups)) + (len(groups) + 1) * CLAMP_SEAT;
function group_at(groups, g) = CLAMP_SEAT * (g + 1) + sum([for (group = groups) group_wide(group)], g);
// Middle of each post and of each cable, from the left end of the comb.
function comb_posts(groups) = [for (g = [0 : len(groups)]) group_at(groups, g) - CLAMP_SEAT / 2];
function comb_cables(groups) = [for (g = [0 : len(groups) - 1]) for (i = [0 : len(groups[g]) - 1])
  [group_at(groups, g) + sum(groups[g], i) + (i + 1) * WALL_MIN + groups[g][i] / 2, groups[g][i]]];

// A box whose vertical edges and top edges are round; its corner is at the origin.
module rounded_box(size, r) {
  hull()
    for (x = [r, size[0] - r], y = [r, size[1] - r]) {
      translate([x, y, 0]) cylinder(r = r, h = r);
      translate([x, y, size[2] - r]) sphere(r = r);
    }
}

// A pillar for a board, open at its top.
module standoff(h, d = 6, hole = 2.1) {
  difference() {
    cylinder(d = d, h = h);
    translate([0, 0, h - 6]) cylinder(d = hole, h = 6.01);
  }
}

// Posts of a clamp, and what is bored into posts and plate: 6 deep, for 2.9 x 9.5 through an ear.
module clamp_posts(places) for (x = places) translate([x, 0, -0.01]) cylinder(d = 8, h = CLAMP_POST + 0.01);
module clamp_bores(places) for (x = places) translate([x, 0, CLAMP_POST - 6]) cylinder(d = 2.6, h = 7);

// Slots for air: count of them, each width x length, through a wall of the depth.
module vents(count, width, length, depth, pitch) {
  for (i = [0 : count - 1]) translate([i * pitch, 0, 0]) cube([width, length, depth]);
}
