# encoding: utf-8
require "json"
require "stringio"
require "zlib"

module KinesisCloudwatchLogs
  # A record that a subscription filter of CloudWatch Logs put into a stream: JSON, compressed with gzip. Source: Amazon
  # CloudWatch Logs User Guide, "Log group-level subscription filters", Kinesis Data Streams.
  module Record
    # The log events of a record, none where CloudWatch Logs only tested whether the stream can be reached.
    #
    # Each has the fields that the input cloudwatch_logs gave it: :timestamp in milliseconds, :message, and :cloudwatch_logs with
    # log_group, log_stream and event_id. The id is that of FilterLogEvents and GetLogEvents.
    #
    # Raises where the bytes are anything else.
    def self.events(bytes)
      text = Zlib::GzipReader.new(StringIO.new(bytes)).read.force_encoding(Encoding::UTF_8)
      envelope = JSON.parse(text)
      return [] if envelope.fetch("messageType") == "CONTROL_MESSAGE"

      envelope.fetch("logEvents").map do |event|
        {
          :timestamp => Integer(event.fetch("timestamp")),
          :message => event.fetch("message"),
          :cloudwatch_logs => {
            "log_group" => envelope.fetch("logGroup"),
            "log_stream" => envelope.fetch("logStream"),
            "event_id" => event.fetch("id"),
          },
        }
      end
    end
  end
end
