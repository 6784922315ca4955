internal import DeliveryPlugin
internal import DirectPlugin
internal import FilePlugin
internal import FlatFilePlugin
internal import FlowPlugin
internal import JSONPlugin
internal import JSONSchemaPlugin
internal import Omnibus
internal import OpenPGPPlugin
internal import QueuePlugin
internal import RESTPlugin
internal import RabbitMQPlugin
internal import ResiliencePlugin
internal import S3Plugin
internal import SQSPlugin
internal import TimerPlugin

/// The plugins that the program brings; this file is the one place that lists them.
let builtInPlugins: [Plugin] = [
  .delivery, .direct, .file, .flatFile, .flow, .json, .jsonSchema, .openPGP, .queue, .rabbitMQ, .resilience, .rest,
  .s3, .sqs, .timer,
]
