"""Apache's configuration and ``.htaccess`` as they are read (httpd 2.4)."""

from corsage.layers.httpd.read.reader import READER

__all__ = ["READER"]
