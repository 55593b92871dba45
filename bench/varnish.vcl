# Varnish as it comes: what the origin's Cache-Control allows is kept. @origin@ is filled in by Contenders.java.
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "@origin@";
}

sub vcl_deliver {
    # So that the bench can see that a hit is one.
    if (obj.hits > 0) {
        set resp.http.X-Cache = "hit";
    } else {
        set resp.http.X-Cache = "miss";
    }
}
