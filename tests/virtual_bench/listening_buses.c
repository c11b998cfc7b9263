/* An I2C bus and an SPI bus with chips that do nothing but write down what they are told.
 *
 * Their numbers are those of a Raspberry Pi's header: i2c-1, and spi0 with one chip. What was said is read
 * from /sys/kernel/debug/listening-buses/{i2c1,spi0}: for each message one byte, two bytes that count (low
 * byte first), and so many bytes. The one byte is the address of the chip on I2C; on SPI it is the level of
 * the line `data_line` at that moment, since a display's own chip looks at its data/command leg then.
 *
 * Compiled beside the kernel of Debian 12 by debian.py and never unloaded. It is ours; a kernel lends these
 * functions only to a module that names a licence it knows.
 */
#include <linux/debugfs.h>
#include <linux/gpio.h>
#include <linux/gpio/consumer.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>
#include <linux/vmalloc.h>

#define PAPER_BYTES (4 * 1024 * 1024)
#define NOBODY 0xff

static ushort chips[8];
static unsigned int chips_count;
module_param_array(chips, ushort, &chips_count, 0644);
MODULE_PARM_DESC(chips, "addresses that answer on the I2C bus, 7 bits each");

static int data_line = -1;
module_param(data_line, int, 0644);
MODULE_PARM_DESC(data_line, "the kernel's number of the line at the SPI chip's data/command leg; -1: none");

static struct debugfs_blob_wrapper i2c_paper, spi_paper;

/* Both buses are locked by their cores while they send: one writer at a time. */
static int note(struct debugfs_blob_wrapper *paper, u8 head, const u8 *words, size_t count)
{
	u8 *to = paper->data + paper->size;

	if (count > U16_MAX || paper->size + 3 + count > PAPER_BYTES)
		return -ENOSPC;
	to[0] = head;
	to[1] = count & 0xff;
	to[2] = count >> 8;
	memcpy(to + 3, words, count);
	paper->size += 3 + count;
	return 0;
}

static bool is_there(u16 address)
{
	unsigned int each;

	for (each = 0; each < chips_count; each++)
		if (chips[each] == address)
			return true;
	return false;
}

static int hear_i2c(struct i2c_adapter *bus, struct i2c_msg *messages, int count)
{
	int each, err;

	for (each = 0; each < count; each++) {
		struct i2c_msg *said = &messages[each];

		if (!is_there(said->addr))
			return -EREMOTEIO; /* what the driver of a Raspberry Pi says then */
		if (said->flags & I2C_M_RD) {
			memset(said->buf, 0, said->len);
			continue;
		}
		err = note(&i2c_paper, said->addr, said->buf, said->len);
		if (err)
			return err;
	}
	return count;
}

static u32 can_i2c(struct i2c_adapter *bus)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm i2c_ways = {
	.master_xfer = hear_i2c,
	.functionality = can_i2c,
};

static struct i2c_adapter i2c_bus = {
	.owner = THIS_MODULE,
	.name = "listening bus",
	.algo = &i2c_ways,
	.nr = 1,
};

static int hear_spi(struct spi_controller *bus, struct spi_device *chip, struct spi_transfer *said)
{
	u8 level = NOBODY;

	if (data_line >= 0)
		level = gpiod_get_raw_value_cansleep(gpio_to_desc(data_line));
	if (said->rx_buf)
		memset(said->rx_buf, 0, said->len);
	return said->tx_buf ? note(&spi_paper, level, said->tx_buf, said->len) : 0;
}

static struct spi_board_info spi_chip = {
	.modalias = "display",
	.max_speed_hz = 20000000,
};

static int __init begin_spi(struct device *place)
{
	struct spi_controller *bus = spi_alloc_master(place, 0);
	int err;

	if (!bus)
		return -ENOMEM;
	bus->bus_num = 0;
	bus->num_chipselect = 1;
	bus->transfer_one = hear_spi;
	err = spi_register_controller(bus);
	if (err) {
		spi_controller_put(bus);
		return err;
	}
	return spi_new_device(bus, &spi_chip) ? 0 : -ENODEV;
}

static int __init begin(void)
{
	struct platform_device *place = platform_device_register_simple("listening-buses", -1, NULL, 0);
	struct dentry *desk = debugfs_create_dir("listening-buses", NULL);
	int err;

	if (IS_ERR(place))
		return PTR_ERR(place);
	i2c_paper.data = vzalloc(PAPER_BYTES);
	spi_paper.data = vzalloc(PAPER_BYTES);
	if (!i2c_paper.data || !spi_paper.data)
		return -ENOMEM;
	debugfs_create_blob("i2c1", 0400, desk, &i2c_paper);
	debugfs_create_blob("spi0", 0400, desk, &spi_paper);
	i2c_bus.dev.parent = &place->dev;
	err = i2c_add_numbered_adapter(&i2c_bus);
	return err ? err : begin_spi(&place->dev);
}
module_init(begin);

MODULE_DESCRIPTION("I2C and SPI buses that write down what they are told");
MODULE_LICENSE("Dual MIT/GPL");
