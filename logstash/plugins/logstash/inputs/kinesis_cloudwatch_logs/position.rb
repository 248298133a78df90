# encoding: utf-8

module KinesisCloudwatchLogs
  # How far a shard has certainly been written to the index.
  #
  # An event that was handed to the pipeline is in its queue or in the worker's batch until the outputs have written it, and is
  # gone if the process ends before. The pipeline has one worker, and its queue holds one batch (logstash-core, QueueFactoryExt:
  # pipeline.batch.size times pipeline.workers): events are written in the order in which they were handed over, and no more than
  # a known number is under way. A record is safe once that many events were handed over after its last one.
  class Position
    # events_in_flight: what the pipeline can hold, at least twice pipeline.batch.size.
    def initialize(events_in_flight)
      @events_in_flight = events_in_flight
      @handed_over = 0
      @waiting = []
      @safe = nil
    end

    # All events of this record have been handed over.
    def handed_over(sequence_number, events)
      @handed_over += events
      @waiting.push([sequence_number, @handed_over])
      while !@waiting.empty? && @handed_over - @waiting.first[1] >= @events_in_flight
        @safe = @waiting.shift[0]
      end
    end

    # The sequence number of the last safe record, or nil where none is new.
    def safe
      @safe
    end

    # That position is kept.
    def kept(sequence_number)
      @safe = nil if @safe == sequence_number
    end
  end
end
