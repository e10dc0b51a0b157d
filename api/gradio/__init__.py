"""The dialect of Gradio 6 apps, as `gradio_client` and `@gradio/client` speak it.

    endpoints   what may be called, and how the clients are told
    tasks       each call as calls of services: begin, look, finish, drop
    tickets     calls under way, sealed in Valkey until they are answered
    streams     what a client hears of its calls
    detached    streams outside the web server's few threads
    uploads     files on their way in, results on their way out
    views, urls

No cookie counts. A call, a session and a file belong to the key that made them; without a key, to
whoever knows their random ids.
"""
