"""What the native API looks like from outside, as OpenAPI 3.1.

Views read requests by their own code, since a refusal may not repeat what was sent, as serializers
do. The serializers here only describe; tests hold real answers and thousands of made requests
against them.
"""
