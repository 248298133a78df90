# encoding: utf-8
require "logstash/inputs/kinesis"
require_relative "kinesis_cloudwatch_logs/processor"

# logstash-input-kinesis for the records of CloudWatch Logs, with a position that is never ahead of the index.
# docs/decisions/0017-logs-reach-logstash-through-a-stream.md says why.
class LogStash::Inputs::KinesisCloudwatchLogs < LogStash::Inputs::Kinesis
  config_name "kinesis_cloudwatch_logs"

  # The most events that the pipeline can hold unwritten: at least twice pipeline.batch.size, with one pipeline worker.
  # So many are read again after a restart, and overwrite themselves.
  config :events_in_flight, :validate => :number, :required => true

  # Seconds that the last events of a shard that was split or merged get to be written.
  config :shard_end_wait_seconds, :validate => :number, :default => 300

  def worker_factory(output_queue)
    options = ::KinesisCloudwatchLogs::Processor::Options.new(
      @events_in_flight,
      @shard_end_wait_seconds,
      method(:stop?),
      proc { java.lang.Runtime.getRuntime.halt(1) }
    )
    proc do
      ::KinesisCloudwatchLogs::Processor.new(
        @codec, output_queue, method(:decorate), @checkpoint_interval_seconds, @logger, options
      )
    end
  end
end
