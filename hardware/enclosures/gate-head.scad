// The head of a gate: camera, Raspberry Pi 5 with its PoE board, three lamps. part: front | back | cradle.
// x to the right as one faces it, y up, z towards the person. Only the cradle knows the camera's tilt: mounted at
// another height, the head needs another cradle and nothing else (hardware/coverage.py works the tilt out).
include <shapes.scad>

part = "front";
wall = 2.8;
width = 124;
height = 168;
depth = 62;             // Pi 5, PoE board with its fan, and air
radius = 6;
tilt_deg = -2.5;        // of the camera; below 0 it looks down
camera_y = 140;         // of the lens above the lower edge of the head
lens_inset = 1.2;       // of the lens's rim behind the inner side of the front
lens_d = 10;            // rim of Camera Module 3 Wide, with room
view_half_deg = 62;     // half of the diagonal field (120 degrees) and 2 more
lamp_y = 84;
lamp_d = 8.2;           // bezels of 8 mm lamps: red, green, amber, told apart by their signs too
cable_d = 5.5;
$fn = 40;

assert(wall >= WALL_MIN, "wall is thinner than WALL_MIN");
assert(abs(tilt_deg) <= 20, "beyond 20 degrees the case would stand in the picture");

screw_inset = 9;
// Of the cradle, behind the front: the module is 12.4 high, and stands 3.4 before the flange.
post = 12.4 + 3.4 + lens_inset;
board_y = 84;           // middle of the Raspberry Pi
module corners() for (x = [screw_inset, width - screw_inset], y = [screw_inset, height - screw_inset])
  translate([x, y, 0]) children();

module lamp_sign(i) {
  if (i == 0) for (a = [45, -45]) rotate(a) square([8, 1.6], center = true);           // stop
  if (i == 1) polygon([[0, 4], [-4, -3], [4, -3]]);                                    // go
  if (i == 2) for (x = [-3, 0, 3]) translate([x, 0]) circle(d = 1.8, $fn = 16);        // wait
}

module signs()
  for (i = [0 : 2]) translate([width / 2 + (i - 1) * 26, lamp_y - 13, depth - 0.01]) linear_extrude(0.8) lamp_sign(i);

module front() {
  difference() {
    rounded_box([width, height, depth], radius);
    difference() {
      translate([wall, wall, -0.01]) rounded_box([width - 2 * wall, height - 2 * wall, depth - wall], radius - wall / 2);
      corners() cylinder(d = 10, h = depth);
    }
    corners() translate([0, 0, -0.01]) cylinder(d = 4, h = 9);
    // The lens looks out through a cone that no ray of its field touches.
    translate([width / 2, camera_y, depth - wall - lens_inset])
      cylinder(d1 = lens_d, d2 = lens_d + 2 * (wall + lens_inset + 0.01) * tan(view_half_deg), h = wall + lens_inset + 0.01);
    for (i = [0 : 2]) translate([width / 2 + (i - 1) * 26, lamp_y, depth - wall - 1]) cylinder(d = lamp_d, h = wall + 2);
    // Air: in below, out at both sides above.
    translate([30, -1, 14]) rotate([-90, 0, 0]) mirror([0, 1, 0]) vents(8, 2.4, 26, wall + 2, 8);
    for (x = [-1, width - wall - 1]) for (i = [0 : 6]) translate([x, 100 + i * 6, 16]) cube([wall + 2, 2.4, 26]);
    // Cable, from below, at the back.
    translate([width / 2 - 9, -1, -0.01]) cube([18, wall + 2, 11]);
  }
  signs();
  for (x = [-20, 20]) translate([width / 2 + x, camera_y, depth - wall - post]) difference() {
    cylinder(d = 7.4, h = post + 0.5);
    translate([0, 0, -0.01]) cylinder(d = 2.6, h = post - 1);
  }
}

module back() {
  plate = 3;
  difference() {
    union() {
      translate([0, 0, -plate]) linear_extrude(plate) translate([radius, radius]) offset(r = radius)
        square([width - 2 * radius, height - 2 * radius]);
      // Raspberry Pi 5: holes 58 x 49, its network socket towards the lower edge.
      for (x = [-24.5, 24.5], y = [-29, 29]) translate([width / 2 + x, board_y + y, -0.01]) standoff(8);
      for (x = [-11, 11]) translate([width / 2 + x, 15, -0.01]) standoff(6, d = 8, hole = 2.6);
    }
    corners() {
      translate([0, 0, -plate - 0.01]) cylinder(d = 3.4, h = plate + 1);
      translate([0, 0, -plate - 0.01]) cylinder(d1 = 6.6, d2 = 3.4, h = 1.8);
    }
    // VESA 75 on a pole or wall plate.
    for (x = [-37.5, 37.5], y = [-37.5, 37.5]) translate([width / 2 + x, board_y + y, -plate - 1]) cylinder(d = 4.4, h = 9);
    translate([width / 2 - 16, board_y - 12, -plate - 1]) vents(5, 2.4, 24, 9, 7.4);
  }
}

// A wedge behind the camera's board (25 x 24, holes 21 x 12.5): its flange is screwed to the front's posts.
module cradle() {
  flange = [50, 26, 2.6];
  difference() {
    union() {
      translate([-flange[0] / 2, -flange[1] / 2, 0]) cube(flange);
      hull() {
        translate([-14, -13, 0]) cube([28, 26, 1]);
        translate([0, 0, 6]) rotate([-tilt_deg, 0, 0]) translate([-14, -13, -1]) cube([28, 26, 1]);
      }
    }
    for (x = [-20, 20]) translate([x, 0, -1]) cylinder(d = 3.4, h = 20);
    translate([0, 0, 6]) rotate([-tilt_deg, 0, 0]) {
      for (x = [-10.5, 10.5], y = [-2.75, 9.75]) translate([x, y, -5]) cylinder(d = 1.7, h = 9, $fn = 16);
      translate([-8, -8.5, -20]) cube([16, 14, 40]);   // connector and ribbon
    }
  }
}

module assembled() rotate([90, 0, 0]) {
  color("#3b4754") front();
  color("#f2f5f8") translate([0, 0, 0.02]) signs();
  color("#20262d") translate([0, 0, -0.02]) back();
  translate([width / 2, camera_y, depth - wall - lens_inset]) rotate([-tilt_deg, 0, 0]) {
    color("#0b1016") translate([0, 0, -8]) cylinder(d = 8, h = 8);
    color("#7fb2d9") cylinder(d = 5, h = 0.3);
  }
  for (i = [0 : 2]) color(["#d55e00", "#009e73", "#e69f00"][i])
    translate([width / 2 + (i - 1) * 26, lamp_y, depth - 3]) { cylinder(d = 8, h = 4); translate([0, 0, 4]) scale([1, 1, 0.4]) sphere(d = 8); }
}

if (part == "front") front();
if (part == "back") back();
if (part == "cradle") cradle();
if (part == "assembled") assembled();
