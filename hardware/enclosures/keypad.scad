// The seat unit with twenty keys: a desk case with a sloped face. part: shell | base | caps | straps.
// x to the right, y away from the person, z up. On the face: u to the right, v up the slope, w out of it.
include <shapes.scad>

part = "shell";
wall = 2.4;              // sides and face; never below WALL_MIN
width = 110;             // the wide display, and a post on either side of it
depth = 150;
front_height = 20;
slope_deg = 15;          // read from above without a shadow of one's own hand
radius = 4;
// small = 0: NHD-3.12-25664, its module 88 x 27.8, its picture 76.8 x 19.2. 1: Adafruit 938, 35.6 x 33 and 29.4 x 14.7.
small = 0;
window = small == 1 ? [32, 17.2] : [80, 22];
display_module = small == 1 ? [36.2, 33.6] : [88.6, 28.4];
window_v = 129;
// Keys: 5 rows of 4 on tactile switches; row 0 stands half a key apart and is larger (layout.py).
key_pitch = [22, 17];
key = [15, 11];
key_large = [17, 14];
key_gap = 0.4;           // between cap and shell, all round
cap_high = 3.2;          // above the face
relief_high = 0.7;       // at least 0.5 (layout.py)
cable_d = 5.5;           // room for Cat5e; a USB lead of 4.2 is what the clamp is printed for
screw_inset = 7;
board_below = 6.8;       // of the keys' board behind the face: flange 1.6, switch 5.0, and play
key_board = [103, 94];   // holes 97.6 x 48
key_board_v = 9.5;       // its front edge, clear of the bosses in front
board_posts = [30, 78];
display_posts = [121, 139];
post_u = [6.2, width - 6.2];
pi_zero = [width / 2, 90]; // middle of its holes, 58 x 23: sockets towards the back
pi_stand = 6;
pi_high = 18;            // at its header, above its posts: board 1.4, header 2.5, sockets of 14
$fn = 28;

assert(wall >= WALL_MIN, "wall is thinner than WALL_MIN");
assert(relief_high >= 0.5, "a finger does not find a relief below 0.5 mm");

assert(window_v - display_module[1] / 2 >= key_board_v + key_board[1] + 1, "the display meets the keys' board");
assert(display_module[0] / 2 <= width / 2 - post_u[0] - 3, "the display meets its posts");
assert(key_board[0] <= width - 2 * wall - 1, "the keys' board is wider than the case");
// Under the keys' board and what is soldered to it, where the Pi's header is.
assert(pi_stand + pi_high + 2 <= front_height + (pi_zero[1] - 11.5) * tan(slope_deg) - (wall + board_below + 1.6 + 2) / cos(slope_deg),
  "the Pi does not fit below the keys");

u0 = (width - 3 * key_pitch[0]) / 2;
function row_v(row) = row == 0 ? 97 : 15 + (4 - row) * key_pitch[1];
function size_of(row) = row == 0 ? key_large : key;
reliefs = [
  ["bar", "bar2", "bar3", "frame"],
  ["", "", "", "left"],
  ["", "dot", "", "up"],
  ["", "", "", "down"],
  ["cross", "", "ring", "diamond"]];

module solid(inset) {
  r = max(radius - inset, 1);
  x = [inset + r, width - inset - r];
  hull()
    for (i = x, y = [inset + r, depth - inset - r]) {
      top = front_height + y * tan(slope_deg) - inset / cos(slope_deg);
      translate([i, y, 0]) cylinder(r = r, h = 1);
      translate([i, y, top - r / cos(slope_deg)]) sphere(r = r);
    }
}

module on_face() translate([0, 0, front_height]) rotate([slope_deg, 0, 0]) children();

module key_holes()
  for (row = [0 : 4], col = [0 : 3]) {
    s = size_of(row) + [2 * key_gap, 2 * key_gap];
    translate([u0 + col * key_pitch[0] - s[0] / 2, row_v(row) - s[1] / 2, -9]) cube([s[0], s[1], 20]);
  }

module window_hole() {
  translate([width / 2, window_v, 0]) {
    translate([-window[0] / 2, -window[1] / 2, -9]) cube([window[0], window[1], 20]);
    // A chamfer, so that a low eye sees the lowest line.
    hull() {
      translate([-window[0] / 2, -window[1] / 2, -wall + 0.8]) cube([window[0], window[1], 0.01]);
      translate([-window[0] / 2 - 1.6, -window[1] / 2 - 1.6, 0.2]) cube([window[0] + 3.2, window[1] + 3.2, 3]);
    }
  }
}

module corners() for (x = [screw_inset, width - screw_inset], y = [screw_inset, depth - screw_inset])
  translate([x, y, 0]) children();

module shell() {
  difference() {
    solid(0);
    difference() {
      translate([0, 0, -0.01]) solid(wall);
      corners() cylinder(d = 8, h = 80);
    }
    corners() translate([0, 0, -0.01]) cylinder(d = 4, h = 9);   // heat-set insert M3
    on_face() { key_holes(); window_hole(); }
    // A groove between window and first row: what is above it is read, what is below is pressed. Nothing stands up
    // from the face: it lies on the printer's bed.
    on_face() translate([12, 111, -0.8]) cube([width - 24, 1.6, 2]);
    // Cable: a slot in the back wall, closed below by the base plate.
    translate([width / 2 - cable_d / 2 - 0.3, depth - wall - 1, -0.01]) cube([cable_d + 0.6, wall + 2, 3 + cable_d]);
    // Headphone jack (6 thread) and buzzer, at the right side near the person.
    translate([width - wall - 1, 40, 12]) rotate([0, 90, 0]) cylinder(d = 6.2, h = wall + 2);
    for (i = [0 : 4]) translate([-1, 36 + 4 * i, 8]) cube([wall + 2, 1.6, 8]);
  }
  // Posts behind the face for the keys' board (below) and the display's straps (above).
  on_face() for (u = post_u, v = concat(board_posts, display_posts))
    translate([u, v, -wall - board_below]) difference() {
      cylinder(d = 6, h = board_below + 0.5);
      translate([0, 0, -0.01]) cylinder(d = 2.1, h = board_below - 1);
    }
}

module base() {
  play = 0.3;
  plate = 2.4;
  difference() {
    union() {
      translate([0, 0, -plate]) linear_extrude(plate) offset(r = radius) offset(delta = -radius) square([width, depth]);
      // The lip finds the shell; it stops short of the bosses.
      difference() {
        translate([wall + play, wall + play, -0.01]) cube([width - 2 * wall - 2 * play, depth - 2 * wall - 2 * play, 3]);
        translate([2 * wall + play, 2 * wall + play, -1]) cube([width - 4 * wall - 2 * play, depth - 4 * wall - 2 * play, 9]);
        corners() translate([0, 0, -1]) cylinder(d = 13, h = 9);
        translate([width / 2 - 16, depth - 12, -1]) cube([32, 20, 9]);
      }
      // Pi Zero 2 W: holes 58 x 23.
      for (x = [-29, 29], y = [-11.5, 11.5]) translate([pi_zero[0] + x, pi_zero[1] + y, -0.01]) standoff(pi_stand);
      translate([width / 2, depth - 14, 0]) clamp_posts([-SINGLE_APART / 2, SINGLE_APART / 2]);
    }
    translate([width / 2, depth - 14, 0]) clamp_bores([-SINGLE_APART / 2, SINGLE_APART / 2]);
    corners() {
      translate([0, 0, -plate - 0.01]) cylinder(d = 3.4, h = plate + 1);
      translate([0, 0, -plate - 0.01]) cylinder(d1 = 6.6, d2 = 3.4, h = 1.6);
    }
    // Two keyholes: the unit can be screwed to a desk.
    for (x = [-30, 30]) translate([width / 2 + x, 110, -plate - 1]) {
      cylinder(d = 8, h = 9);
      hull() { cylinder(d = 4, h = 9); translate([0, 9, 0]) cylinder(d = 4, h = 9); }
    }
    translate([width / 2 - 22, 22, -plate - 1]) vents(6, 2, 16, 9, 8.4);
  }
}

// Two straps across the back of the display, from post to post; a strip of foam between takes up what is left.
module straps() for (i = [0 : 1]) translate([0, i * 14, 0]) difference() {
  translate([post_u[0] - 3.4, 0, 0]) cube([post_u[1] - post_u[0] + 6.8, 10, 2.8]);
  for (u = post_u) translate([u, 5, -1]) cylinder(d = 2.8, h = 9);
}

// What a finger feels, 2D, within 9 x 8.
module relief(kind) {
  if (kind == "dot") circle(d = 2.4);
  if (kind == "bar") square([1.8, 8], center = true);
  if (kind == "bar2") for (x = [-2.2, 2.2]) translate([x, 0]) square([1.8, 8], center = true);
  if (kind == "bar3") for (x = [-4, 0, 4]) translate([x, 0]) square([1.8, 8], center = true);
  if (kind == "frame") difference() { square([10, 8], center = true); square([6.6, 4.6], center = true); }
  if (kind == "ring") difference() { circle(d = 8); circle(d = 4.8); }
  if (kind == "cross") for (a = [45, -45]) rotate(a) square([9, 1.7], center = true);
  if (kind == "left") { polygon([[-4.5, 0], [-0.5, 3.5], [-0.5, -3.5]]); translate([-0.6, -0.85]) square([5, 1.7]); }
  if (kind == "up") polygon([[0, 3.5], [-4, -3], [4, -3]]);
  if (kind == "down") polygon([[0, -3.5], [-4, 3], [4, 3]]);
  if (kind == "diamond") rotate(45) square([5, 5], center = true);
}

// A cap: a flange below the face keeps it in; its underside rests on the switch.
module cap(size, kind) { cap_body(size); cap_relief(kind); }

module cap_relief(kind)
  translate([0, 0, 1.59 + wall + cap_high]) linear_extrude(relief_high, scale = 0.85) relief(kind);

module cap_body(size) {
  flange = [size[0] + 2.4, size[1] + 2.4];
  translate([-flange[0] / 2, -flange[1] / 2, 0]) cube([flange[0], flange[1], 1.6]);
  hull() {
    translate([-size[0] / 2, -size[1] / 2, 1.6]) cube([size[0], size[1], wall + 1]);
    translate([-size[0] / 2 + 0.8, -size[1] / 2 + 0.8, 1.6]) cube([size[0] - 1.6, size[1] - 1.6, wall + cap_high]);
  }
}

// All twenty as they stand on the unit, on one print.
module caps()
  for (row = [0 : 4], col = [0 : 3])
    translate([col * 24 + 12, (4 - row) * 20 + 12, 0]) cap(size_of(row), reliefs[row][col]);

// For pictures alone.
module assembled() {
  color("#3b4754") shell();
  color("#20262d") translate([0, 0, -0.02]) base();
  on_face() {
    for (row = [0 : 4], col = [0 : 3]) translate([u0 + col * key_pitch[0], row_v(row), -wall - 1.6]) {
      color(row == 0 ? "#d7e3ee" : "#f2f5f8") cap_body(size_of(row));
      color("#c2410c") translate([0, 0, 0.02]) cap_relief(reliefs[row][col]);
    }
    color("#0b1016") translate([width / 2 - window[0] / 2 - 2, window_v - window[1] / 2 - 1, -wall - 0.6])
      cube([window[0] + 4, window[1] + 2, 0.8]);
  }
}

if (part == "shell") shell();
if (part == "base") base();
if (part == "caps") caps();
if (part == "straps") straps();
if (part == "assembled") assembled();
