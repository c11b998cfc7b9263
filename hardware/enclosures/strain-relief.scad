// A clamp that takes the pull off a cable's plug: screwed down on posts, teeth in the jacket. Printed as it lies,
// upside down. part: saddle, for one cable of cable_d | comb, for all field cables of a gate.
include <shapes.scad>

part = "saddle";
wall = 2.4;
cable_d = 5.5;        // outer diameter of the one cable: Cat5e 5.0 to 5.6, USB 3.5 to 4.5
squeeze = 0.8;        // so far teeth press into a jacket
length = 14;          // along the cable
screw_d = 3.4;
$fn = 48;

high = CLAMP_EAR + CLAMP_POST - CLAMP_GAP;
widest = max(cable_d, max([for (group = GATE_CABLES) max(group)]));
assert(wall >= WALL_MIN, "wall is thinner than WALL_MIN");
assert(cable_d + 2 * wall + CLAMP_SEAT <= SINGLE_APART + 0.01, "the screws would meet the cable");
assert(high - (widest - CLAMP_GAP) >= WALL_MIN, "no roof is left above the thickest cable");
assert(cable_d > 2 * squeeze, "teeth would cut the cable");

// Upside down: open at the top of the print. Its floor is the ceiling of the cable, d above the plate.
module channel(d) {
  floor_z = high - (d - CLAMP_GAP);
  difference() {
    hull() {
      translate([0, 0, floor_z + d / 2]) rotate([90, 0, 0]) cylinder(d = d, h = length + 2, center = true);
      translate([-d / 2, -length / 2 - 1, high]) cube([d, length + 2, 1]);
    }
    for (y = [-4, 0, 4]) translate([-d / 2 - 1, y, floor_z - 1.2 + squeeze]) rotate([0, 90, 0])
      cylinder(d = 2.4, h = d + 2, $fn = 6);
  }
}

module rounded(wide) translate([-wide / 2, 0]) offset(r = 1.6) translate([1.6, 1.6 - length / 2])
  square([wide - 3.2, length - 3.2]);

module bar(wide, ears, posts, cables) difference() {
  union() {
    linear_extrude(CLAMP_EAR) rounded(ears);
    intersection() {
      linear_extrude(high) rounded(wide);
      // Between the posts the clamp hangs down; over a post there are the ears alone.
      difference() {
        translate([-wide / 2, -length, -1]) cube([wide, 2 * length, high + 2]);
        for (x = posts) translate([x - CLAMP_SEAT / 2 - 0.01, -length - 1, -2])
          cube([CLAMP_SEAT + 0.02, 2 * length + 2, high + 4]);
      }
    }
  }
  for (cable = cables) translate([cable[0], 0, 0]) channel(cable[1]);
  for (x = posts) translate([x, 0, -1]) cylinder(d = screw_d, h = CLAMP_EAR + 2);
}

module saddle()
  bar(cable_d + 2 * wall, SINGLE_APART + CLAMP_SEAT, [-SINGLE_APART / 2, SINGLE_APART / 2], [[0, cable_d]]);

module comb() {
  wide = comb_wide(GATE_CABLES);
  bar(wide, wide, [for (x = comb_posts(GATE_CABLES)) x - wide / 2],
    [for (cable = comb_cables(GATE_CABLES)) [cable[0] - wide / 2, cable[1]]]);
}

if (part == "saddle") saddle();
if (part == "comb") comb();
