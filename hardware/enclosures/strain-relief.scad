// A clamp that takes the pull off a cable's plug: a saddle, screwed down on two posts. Printed as it lies.
include <shapes.scad>

part = "saddle";
wall = 2.4;
cable_d = 5.5;        // outer diameter of the cable: Cat5e 5.0 to 5.6, USB 3.5 to 4.5
squeeze = 0.8;        // so much is the jacket pressed in
post_apart = 22;      // of the screws
length = 16;          // along the cable
screw_d = 3.4;
$fn = 48;

assert(wall >= WALL_MIN, "wall is thinner than WALL_MIN");
assert(cable_d + 2 * wall + screw_d + 1 <= post_apart, "the screws would meet the cable");

total = post_apart + screw_d + 2 * wall;
high = cable_d - squeeze + wall + 1.6;

module channel() {
  // Upside down: the channel is open at the top of the print. Teeth bite into the jacket, in turn.
  difference() {
    hull() {
      translate([0, 0, high]) rotate([90, 0, 0]) cylinder(d = cable_d + 1, h = length + 2, center = true);
      translate([0, 0, high - cable_d / 2 + squeeze]) rotate([90, 0, 0]) cylinder(d = cable_d, h = length + 2, center = true);
    }
    for (y = [-5, 0, 5])
      translate([0, y, high - cable_d + squeeze / 2]) rotate([0, 90, 0]) cylinder(d = 2.4, h = cable_d + 4, center = true, $fn = 6);
  }
}

module saddle() {
  difference() {
    union() {
      hull() for (x = [-1, 1]) translate([x * post_apart / 2, 0, 0]) cylinder(d = screw_d + 2 * wall, h = 4);
      translate([-cable_d / 2 - wall, -length / 2, 0]) rounded_block([cable_d + 2 * wall, length, high]);
    }
    channel();
    for (x = [-1, 1]) translate([x * post_apart / 2, 0, -1]) cylinder(d = screw_d, h = 9);
  }
}

module rounded_block(size) linear_extrude(size[2]) translate([size[0] / 2, size[1] / 2])
  offset(r = 1.6) square([size[0] - 3.2, size[1] - 3.2], center = true);

if (part == "saddle") saddle();
