# encoding: utf-8
require "logstash/event"
require "logstash/timestamp"
require_relative "position"
require_relative "record"

module KinesisCloudwatchLogs
  # Hands the events of one shard to the pipeline, and keeps the position behind what the pipeline has written.
  #
  # logstash-input-kinesis keeps the position of what it has read, and logs and forgets a record that it fails on. The Kinesis
  # Client Library skips the records of a call that raises (amazon-kinesis-client 1.13.3, ProcessTask). So nothing is kept here
  # after a record that was not handed over, and the process ends, to read it again.
  class Processor < LogStash::Inputs::Kinesis::Worker
    Options = Struct.new(:events_in_flight, :shard_end_wait_seconds, :stopping, :halt)

    # Called twice: by Ruby with the arguments of the parent class and the options, and by the library with one argument.
    def initialize(*arguments)
      if arguments.last.is_a?(Options)
        @options = arguments.pop
        @position = Position.new(@options.events_in_flight)
        @broken = false
      end
      super
    end
    public :initialize

    def processRecords(input)
      raise "records after one that was lost are not read" if @broken

      input.records.each { |record| hand_over(record) }
      return if Time.now < @next_checkpoint

      keep_position(input.checkpointer)
      @next_checkpoint = Time.now + @checkpoint_interval
    end

    # A shard that was split or merged ends. Its last events are under way, and no later ones follow by which they would be known
    # to be written: they get time.
    def shutdown(input)
      if input.shutdown_reason.to_s == "TERMINATE"
        raise "the shard's last records were not handed over" if @broken

        sleep(@options.shard_end_wait_seconds)
      end
      super
    end

    private

    def hand_over(record)
      sequence_number = record.getSequenceNumber
      events = events_of(record, sequence_number)
      events.each { |event| @output_queue << event }
      @position.handed_over(sequence_number, events.length)
    rescue Exception => error
      @broken = true
      @logger.error("Record #{sequence_number} was not handed over: #{error}")
      @options.halt.call unless @options.stopping.call
      raise
    end

    # What is no record of CloudWatch Logs becomes an event that says so, with a tag by which it is found.
    def events_of(record, sequence_number)
      Record.events(String.from_java_bytes(record.getData.array)).map do |event|
        event_for(event[:message], event[:timestamp], event[:cloudwatch_logs])
      end
    rescue StandardError => error
      @logger.error("Record #{sequence_number} is no record of CloudWatch Logs: #{error}")
      event = event_for(
        "Record #{sequence_number} of the log stream is no record of CloudWatch Logs: #{error}",
        (Time.now.to_f * 1000).to_i,
        { "event_id" => "unreadable-#{sequence_number}" }
      )
      event.tag("_unreadable_record")
      [event]
    end

    def event_for(message, timestamp, cloudwatch_logs)
      event = LogStash::Event.new(
        "@timestamp" => LogStash::Timestamp.at(timestamp / 1000, (timestamp % 1000) * 1000),
        "message" => message,
        "cloudwatch_logs" => cloudwatch_logs
      )
      @decorator.call(event)
      event
    end

    def keep_position(checkpointer)
      sequence_number = @position.safe
      return if sequence_number.nil?

      checkpointer.checkpoint(sequence_number)
      @position.kept(sequence_number)
    rescue StandardError => error
      # Another task has the shard now, or DynamoDB throttles: the next one is kept, or what follows is read twice.
      @logger.warn("The position #{sequence_number} was not kept: #{error}")
    end
  end
end
