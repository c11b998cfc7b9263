#!/bin/sh
# First boot of a Hallward device. Run as root by cloud-init (runcmd) or by rpi-preseed (runcmd.early); again is
# harmless: it does what is left, and nothing once all of it is done. Each step is told on the screen and in
# /boot/firmware/hallward-first-boot.log, which any computer can read. ROOT: where the system lies; empty but in tests.
set -eu

ROOT=${HALLWARD_ROOT:-}
MEDIUM=$(cd "$(dirname "$0")" && pwd)
BOOT=$ROOT/boot/firmware
PROGRAM=$ROOT/opt/hallward
FOLDER=$ROOT/var/lib/hallward
DONE=$ROOT/etc/hallward-first-boot.done
LOG=$BOOT/hallward-first-boot.log

# ROLE: keypad or gate. NTP: the hall's time server, or nothing.
# shellcheck source=/dev/null
. "$MEDIUM/first-boot.conf"
UNIT=hallward-$ROLE.service

say() {
    printf '%s\n' "$1 / $2" | tee -a "$LOG"
    if test -w "$ROOT/dev/tty1"; then
        printf '%s\n' "$1 / $2" >"$ROOT/dev/tty1"
    fi
}

stop() {
    say "DỪNG: $1" "STOPPED: $2"
    exit 1
}

# Whole or absent: a power cut leaves the old file or the new one.
put() { # FILE, content from standard input
    mkdir -p "$(dirname "$1")"
    cat >"$1.new"
    sync "$1.new"
    mv "$1.new" "$1"
}

copy() { # SOURCE FILE
    install -m 600 "$1" "$2.new"
    chown hallward: "$2.new"
    sync "$2.new"
    mv "$2.new" "$2"
}

program_is_there() {
    test -x "$PROGRAM/.venv/bin/python" ||
        stop "Thẻ này không có chương trình Hallward. Hãy ghi lại thẻ từ ảnh gốc của hội trường." \
            "This card has no Hallward program. Write the card again from the hall's base image."
    for unit in "$PROGRAM"/.venv/lib/python3*/site-packages/edge/*/"$UNIT" "$PROGRAM"/edge/*/"$UNIT"; do
        if test -f "$unit"; then
            UNIT_FILE=$unit
            return
        fi
    done
    stop "Chương trình trên thẻ không có phần $ROLE. Hãy dùng ảnh gốc khác." \
        "The program on this card has no part for a $ROLE. Use another base image."
}

seed_is_there() {
    for file in seed.toml root.crt hardware.toml; do
        test -s "$MEDIUM/$file" ||
            stop "Thiếu tệp $file. Hãy chuẩn bị lại thẻ bằng lệnh provision image." \
                "The file $file is missing. Prepare the card again with provision image."
    done
}

# What the device keeps lies on a partition of its own, so that the root can be read-only.
folder_is_there() {
    id hallward >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /nonexistent hallward
    mkdir -p "$FOLDER"
    if test -e "$ROOT/dev/disk/by-label/hallward"; then
        grep -q ' /var/lib/hallward ' "$ROOT/etc/fstab" || {
            cat "$ROOT/etc/fstab"
            echo 'LABEL=hallward /var/lib/hallward ext4 noatime,nodev,nosuid,noexec 0 2'
        } | put "$ROOT/etc/fstab"
        mountpoint -q "$FOLDER" || mount "$FOLDER"
    fi
    chmod 700 "$FOLDER"
    chown hallward: "$FOLDER"
    # A device that was claimed knows its hall: a seed would only tell it where to ask again.
    if ! test -e "$FOLDER/device.toml"; then
        copy "$MEDIUM/root.crt" "$FOLDER/root.crt"
        copy "$MEDIUM/hardware.toml" "$FOLDER/hardware.toml"
        # Before the seed, with which the firmware begins; a medium without them makes a device without updates.
        for root in update/image.root.json update/director.root.json; do
            if test -s "$MEDIUM/$root"; then
                mkdir -p "$FOLDER/update"
                chmod 700 "$FOLDER/update"
                chown hallward: "$FOLDER/update"
                copy "$MEDIUM/$root" "$FOLDER/$root"
            fi
        done
        copy "$MEDIUM/seed.toml" "$FOLDER/seed.toml"
    fi
}

nobody_logs_in() {
    while IFS=: read -r name _ uid _; do
        if test "$uid" -eq 0 || { test "$uid" -ge 1000 && test "$uid" -lt 65534; }; then
            passwd --lock "$name" >/dev/null
        fi
    done <"$ROOT/etc/passwd"
    systemctl mask --quiet ssh.service ssh.socket userconfig.service getty@tty1.service \
        serial-getty@ttyS0.service serial-getty@ttyAMA0.service serial-getty@ttyAMA10.service
    rm -f "$BOOT/ssh" "$BOOT/ssh.txt" "$BOOT/userconf" "$BOOT/userconf.txt"
}

# Nothing calls home, nothing changes by itself in the middle of a sitting, and the journal lives in memory.
nothing_else_runs() {
    systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer rpi-eeprom-update.service
    printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' | put "$ROOT/etc/systemd/journald.conf.d/hallward.conf"
}

# A Raspberry Pi's watchdog waits 15 s at most.
watchdog_bites() {
    printf '[Manager]\nRuntimeWatchdogSec=10s\n' | put "$ROOT/etc/systemd/system.conf.d/hallward-watchdog.conf"
}

# The hall's server and no other: a device must not ask the world what time it is.
time_comes_from_the_hall() {
    printf '[Time]\nNTP=%s\nFallbackNTP=\n' "$NTP" | put "$ROOT/etc/systemd/timesyncd.conf.d/hallward.conf"
}

hardware_is_switched_on() {
    grep -q '^# hallward$' "$BOOT/config.txt" || cat "$BOOT/config.txt" "$MEDIUM/config.txt" | put "$BOOT/config.txt"
    # In a variable, so that a sed that fails ends the script: an empty command line is a card that never starts.
    words=$(sed 's/console=\(serial0\|ttyS0\|ttyAMA[0-9]*\),[0-9a-z]* *//g' "$BOOT/cmdline.txt")
    printf '%s\n' "$words" | put "$BOOT/cmdline.txt"
}

# By its serial number, so that the network's list of names tells one from another.
name_is_its_own() {
    serial=$(tr -cd '0-9a-f' <"$ROOT/sys/firmware/devicetree/base/serial-number" 2>/dev/null | tail -c 8 || true)
    test -z "$serial" || printf '%s\n' "$ROLE-$serial" | put "$ROOT/etc/hostname"
}

unit_is_enabled() {
    put "$ROOT/etc/systemd/system/$UNIT" <"$UNIT_FILE"
    systemctl enable --quiet "$UNIT"
}

root_is_read_only() {
    if ! test -e "$ROOT/dev/disk/by-label/hallward"; then
        say "Phân vùng gốc vẫn ghi được: ảnh gốc không có phân vùng tên hallward." \
            "The root stays writable: the base image has no partition labelled hallward."
    elif ! test -e "$ROOT/usr/share/initramfs-tools/scripts/init-bottom/overlayroot"; then
        say "Phân vùng gốc vẫn ghi được: ảnh gốc không có gói overlayroot." \
            "The root stays writable: the base image lacks the package overlayroot."
    else
        mounts=$(sed '/\/boot\/firmware[[:space:]]/ { /defaults,ro/! s/defaults/defaults,ro/ }' "$ROOT/etc/fstab")
        printf '%s\n' "$mounts" | put "$ROOT/etc/fstab"
        words=$(sed '/overlayroot=/! s/ *$/ overlayroot=tmpfs:recurse=0/' "$BOOT/cmdline.txt")
        printf '%s\n' "$words" | put "$BOOT/cmdline.txt"
    fi
}

if test -e "$DONE"; then
    exit 0
fi
say "1/8 Kiểm tra chương trình" "1/8 Is the program there"
program_is_there
say "2/8 Kiểm tra hạt giống" "2/8 Is the seed there"
seed_is_there
say "3/8 Thư mục thiết bị" "3/8 The device's folder"
folder_is_there
say "4/8 Khóa đăng nhập, tắt SSH" "4/8 Logins locked, SSH off"
nobody_logs_in
nothing_else_runs
say "5/8 Bộ canh, giờ" "5/8 Watchdog, time"
watchdog_bites
time_comes_from_the_hall
say "6/8 Phần cứng, tên máy" "6/8 Hardware, name"
hardware_is_switched_on
name_is_its_own
say "7/8 Dịch vụ $UNIT" "7/8 Service $UNIT"
unit_is_enabled
say "8/8 Phân vùng gốc chỉ đọc" "8/8 Read-only root"
root_is_read_only
if test -d "$ROOT/etc/cloud"; then
    put "$ROOT/etc/cloud/cloud-init.disabled" </dev/null
fi
say "Xong. Máy khởi động lại, rồi hiện mã QR." "Done. It starts again, then shows its QR code."
put "$DONE" </dev/null
sync
systemctl --no-block reboot
