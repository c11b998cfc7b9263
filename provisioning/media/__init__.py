"""Boot media: what a blank card needs so that a device starts and asks for its desk."""
