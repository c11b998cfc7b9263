// The head of a gate: camera, Raspberry Pi 5 with its PoE board and the carrier on top of it, three lamps.
// part: front | back | cradle. x to the right as one faces it, y up, z towards the person. Only the cradle knows the
// camera's tilt: mounted at another height, the head needs another cradle and nothing else (hardware/coverage.py).
include <shapes.scad>

part = "front";
wall = 2.8;
width = 138;
height = 200;
depth = 72;
radius = 6;
tilt_deg = -2.5;        // of the camera; below 0 it looks down
camera_y = 172;         // of the lens above the lower edge of the head
lens_inset = 1.2;       // of the lens's rim behind the inner side of the front
lens_d = 12;            // of the cone there: a rim of 4 may stand 2 deeper and is still not in its own picture
view_half_deg = 62;     // half of the diagonal field (120 degrees) and 2 more
lamp_y = 30;            // below the carrier: a bezel is 30 deep
lamp_d = 8.2;           // bezels of 8 mm lamps: red, green, amber, told apart by their signs too
lamp_deep = 30;
cable_high = 8;         // of the slot for field cables
$fn = 40;

// The stack on the back plate. Heights to verify with the parts in hand.
pi = [96, 100];         // middle of the Raspberry Pi's four holes, 49 x 58: network socket down, header to the right
stand = 8;
board = 1.4;
poe_high = 30;          // from the Pi to the carrier: PoE board with its fan, header lengthened
carrier = [80, 100, 1.6];
carrier_high = 20;      // of what stands on it: relay, terminals with their plugs
carrier_at = [45, 50];  // its lower left corner
stack = stand + board + poe_high + carrier[2] + carrier_high;

screw_inset = 9;
post = 17;              // carries the cradle, behind the front
// Camera Module 3: lens level with the lower two of its holes. Connector behind its lower edge.
camera_board = [25, 24];
camera_below = 9.5;     // of the lens: board
lens_above = 9.7;       // from the back of the board to the rim: 12.4 less the connector. To verify.
connector = [21, 5.8, 2.8];

assert(wall >= WALL_MIN, "wall is thinner than WALL_MIN");
assert(abs(tilt_deg) <= 20, "beyond 20 degrees the case would stand in the picture");
assert(depth - wall >= stack + 2, "Pi, PoE board and carrier do not fit behind the front");
assert(lamp_y + 8 <= carrier_at[1] || depth - wall - lamp_deep >= stack, "a lamp's bezel meets the carrier");
assert(camera_y - 17 >= carrier_at[1] + carrier[1], "the cradle meets the carrier");
assert(camera_y + 18 <= height - wall, "the cradle meets the top");
assert(pi[0] + 28 <= width - wall - 1 && pi[0] - 28 - 45 >= wall, "no room for the Pi, or for a plug at its HDMI socket");
assert(comb_wide(GATE_CABLES) <= width - 2 * (screw_inset + 6), "the clamp meets the bosses");

module corners() for (x = [screw_inset, width - screw_inset], y = [screw_inset, height - screw_inset])
  translate([x, y, 0]) children();

module lamp_sign(i) {
  if (i == 0) for (a = [45, -45]) rotate(a) square([8, 1.6], center = true);           // stop
  if (i == 1) polygon([[0, 4], [-4, -3], [4, -3]]);                                    // go
  if (i == 2) for (x = [-3, 0, 3]) translate([x, 0]) circle(d = 2.2, $fn = 16);        // wait
}

module lamps() for (i = [0 : 2]) translate([width / 2 + (i - 1) * 26, lamp_y, depth]) children();

// Sunk in: raised ones would keep the face off the printer's bed.
module signs(deep) for (i = [0 : 2]) translate([width / 2 + (i - 1) * 26, lamp_y - 13, depth - deep])
  linear_extrude(deep + 0.01) lamp_sign(i);

module front() {
  inner = radius - wall / 2;
  difference() {
    rounded_box([width, height, depth], radius);
    difference() {
      translate([wall, wall, -0.01]) rounded_box([width - 2 * wall, height - 2 * wall, depth - wall], inner);
      corners() cylinder(d = 10, h = depth);
    }
    corners() translate([0, 0, -0.01]) cylinder(d = 4, h = 9);
    // The lens looks out through a cone that no ray of its field touches.
    translate([width / 2, camera_y, depth - wall - lens_inset])
      cylinder(d1 = lens_d, d2 = lens_d + 2 * (wall + lens_inset + 0.01) * tan(view_half_deg), h = wall + lens_inset + 0.01);
    lamps() translate([0, 0, -wall - 1]) cylinder(d = lamp_d, h = wall + 2);
    signs(0.8);
    // Air: in below, out at both sides above.
    translate([34, -1, 38]) rotate([-90, 0, 0]) mirror([0, 1, 0]) vents(9, 2.4, 26, wall + 2, 8);
    for (x = [-1, width - wall - 1]) for (i = [0 : 7]) translate([x, 104 + i * 6, 24]) cube([wall + 2, 2.4, 30]);
    // Below, at the back: field cables under their clamp; network and PIN pad straight down from their sockets.
    translate([width / 2 - comb_wide(GATE_CABLES) / 2 + CLAMP_SEAT, -1, -0.01])
      cube([comb_wide(GATE_CABLES) - 2 * CLAMP_SEAT, wall + 2, cable_high]);
    translate([pi[0] - 26, -1, -0.01]) cube([36, wall + 2, 27]);
    // A tie through two of these holds network cable and PIN pad's.
    for (x = [-23, -15, -3, 5]) translate([pi[0] + x, -1, 29]) cube([2, wall + 2, 4]);
  }
  for (x = [-20, 20]) translate([width / 2 + x, camera_y, depth - wall - post]) difference() {
    cylinder(d = 7.4, h = post + 0.5);
    translate([0, 0, -0.01]) cylinder(d = 2.6, h = post - 1);
  }
}

module back() {
  plate = 3;
  posts = [for (x = comb_posts(GATE_CABLES)) x - comb_wide(GATE_CABLES) / 2];
  difference() {
    union() {
      translate([0, 0, -plate]) linear_extrude(plate) translate([radius, radius]) offset(r = radius)
        square([width - 2 * radius, height - 2 * radius]);
      for (x = [-24.5, 24.5], y = [-29, 29]) translate([pi[0] + x, pi[1] + y, -0.01]) standoff(stand);
      // The carrier hangs on the header; two posts bear its other side.
      for (y = [5, carrier[1] - 5]) translate([carrier_at[0] + 5, carrier_at[1] + y, -0.01])
        standoff(stand + board + poe_high, d = 8, hole = 2.6);
      translate([width / 2, 12, 0]) clamp_posts(posts);
    }
    translate([width / 2, 12, 0]) clamp_bores(posts);
    corners() {
      translate([0, 0, -plate - 0.01]) cylinder(d = 3.4, h = plate + 1);
      translate([0, 0, -plate - 0.01]) cylinder(d1 = 6.6, d2 = 3.4, h = 1.8);
    }
    // VESA 75 on a pole or wall plate.
    for (x = [-37.5, 37.5], y = [-37.5, 37.5]) translate([width / 2 + x, 100 + y, -plate - 1]) cylinder(d = 4.4, h = 9);
    translate([pi[0] - 18, pi[1] - 12, -plate - 1]) vents(5, 2.4, 24, 9, 7.4);
  }
}

// A wedge behind the camera's board; its flange is screwed to the front's posts. The board turns about the rim of
// its lens, so that the rim stays in the cone whatever the tilt. Origin: the lens's axis, at the back of the flange.
module cradle() {
  flange = [50, 30, 2.6];
  module turned() translate([0, 0, flange[2] + post - lens_inset]) rotate([-tilt_deg, 0, 0])
    translate([0, 0, -lens_above]) children();
  difference() {
    union() {
      translate([-flange[0] / 2, -13, 0]) cube(flange);
      hull() {
        translate([-14, -13, 0]) cube([28, 30, 1]);
        turned() translate([-14, -camera_below - 1, -1]) cube([28, camera_board[1] + 2, 1]);
      }
    }
    for (x = [-20, 20]) translate([x, 0, -1]) cylinder(d = 3.4, h = 20);
    turned() {
      for (x = [-10.5, 10.5], y = [0, 12.5]) translate([x, y, -7]) cylinder(d = 1.7, h = 8, $fn = 16);
      // Connector and ribbon, open downwards; and a hollow for what is soldered behind the sensor.
      translate([-connector[0] / 2 - 0.8, -40, -40]) cube([connector[0] + 1.6, 40 - 3.2, 60]);
      translate([-8, 2.4, -1.5]) cube([16, 8, 9]);
    }
  }
}

module assembled() rotate([90, 0, 0]) {
  color("#3b4754") front();
  color("#f2f5f8") translate([0, 0, -0.6]) signs(0.2);
  color("#20262d") translate([0, 0, -0.02]) back();
  translate([width / 2, camera_y, depth - wall - lens_inset]) rotate([-tilt_deg, 0, 0]) {
    color("#0b1016") translate([0, 0, -8]) cylinder(d = 8, h = 8);
    color("#7fb2d9") cylinder(d = 5, h = 0.3);
  }
  for (i = [0 : 2]) color(["#d55e00", "#009e73", "#e69f00"][i])
    translate([width / 2 + (i - 1) * 26, lamp_y, depth - 3]) { cylinder(d = 8, h = 4); translate([0, 0, 4]) scale([1, 1, 0.4]) sphere(d = 8); }
}

// What goes in, as boxes, for a picture.
module filled() {
  color("#20262d") back();
  color("#2e7d32") translate([pi[0] - 28, pi[1] - 52.5, stand]) cube([56, 85, board]);
  color("#9aa5b1") translate([pi[0] - 25.8, pi[1] - 55.5, stand + board]) cube([16, 21, 13.5]);
  color("#9aa5b1") for (x = [-5.5, 12.4]) translate([pi[0] + x, pi[1] - 55.5, stand + board]) cube([13.2, 17, 16]);
  color("#3b4754") translate([pi[0] - 28, pi[1] - 32, stand + board + 11]) cube([56, 64, 12]);
  color("#7fb2d9", 0.8) translate([carrier_at[0], carrier_at[1], stand + board + poe_high]) cube(carrier);
}

if (part == "front") front();
if (part == "back") back();
if (part == "cradle") cradle();
if (part == "assembled") assembled();
if (part == "filled") filled();
